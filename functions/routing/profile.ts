import type { Instance } from '../instances/instance.ts';
import { EVIDENCE_FIELDS } from './evidence.ts';
import { type NamedRegions, regionsOf } from './regions-of.ts';
import { modalityOfSopClass } from './sop-classes.ts';
import { fold } from './words.ts';

/** What the rules can ask of an instance: nothing that differs between two slices of one reconstruction. */
const ROUTING_ATTRIBUTES = [
  'sopClassUid',
  'modality',
  ...EVIDENCE_FIELDS,
  'imageType',
  'manufacturer',
  'manufacturerModelName',
  'rows',
  'columns',
  'sliceThicknessMm',
  'contrastBolusAgent',
  'patientAgeYears',
] as const;

export type RoutedHeader = Pick<Instance, (typeof ROUTING_ATTRIBUTES)[number]>;

/** A header as the rules see it, in one series. */
export interface RoutingProfile {
  header: RoutedHeader;
  /** Upper case; from the SOP class where the header has none. */
  modality: string | undefined;
  named: NamedRegions | undefined;
  instancesInSeries: number;
}

/** Equal for headers that no rule can tell apart. */
export function profileKey(header: RoutedHeader): string {
  return JSON.stringify(ROUTING_ATTRIBUTES.map((name) => header[name] ?? null));
}

export function profileOf(header: RoutedHeader, instancesInSeries: number): RoutingProfile {
  const modality = fold(header.modality ?? '').trim();
  return {
    header,
    modality: modality === '' ? modalityOfSopClass(header.sopClassUid) : modality,
    named: regionsOf(header),
    instancesInSeries,
  };
}

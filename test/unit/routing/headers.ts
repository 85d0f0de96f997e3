import type { DicomHeader } from '@qure-dropoff/dicom';
import { type Route, type RoutingSource, routeSeries } from '../../../functions/completion/route-series.ts';
import type { Instance } from '../../../functions/instances/instance.ts';

export const BY_RULES: RoutingSource = { rules: [], useDefaultRules: true };
export const CT_CLASS = '1.2.840.10008.5.1.4.1.1.2';
export const SC_CLASS = '1.2.840.10008.5.1.4.1.1.7';

/** An instance row around the header attributes that a test is about. */
export function instance(header: Partial<DicomHeader>, number = 1): Instance {
  return {
    studyInstanceUid: '1.2.3',
    seriesInstanceUid: '1.2.3.4',
    sopInstanceUid: `1.2.3.4.${number}`,
    instanceNumber: number,
    ...header,
    source: 'default',
    object: { key: `default/${number}`, etag: `e${number}`, sizeBytes: 1000, isGzip: false },
    indexedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** `count` instances of one series that differ as slices differ. */
export function instances(count: number, header: Partial<DicomHeader>, from = 1): Instance[] {
  return Array.from({ length: count }, (_, i) => instance(header, from + i));
}

/** A product, or the reason of a skip. */
export function outcome(route: Route): string {
  return route.kind === 'product' ? route.product : route.reason;
}

export function outcomeOf(header: Partial<DicomHeader>, source: RoutingSource = BY_RULES): string {
  return outcome(routeSeries([instance(header)], source));
}

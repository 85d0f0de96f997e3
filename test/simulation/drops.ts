import { gzipSync } from 'node:zlib';
import { buildDicom, DIRECTORY } from '@qure-dropoff/dicom/testing';
import { archiveDrops } from './archive-drops.ts';
import { Random } from './random.ts';
import {
  type ForeignOwner,
  foreignFile,
  PATIENT_WORD,
  type ScanFile,
  scanFile,
  seriesUidOf,
} from './scans.ts';
import type { RubbishScenario, Scenario, SeriesScenario } from './scenario.ts';
import { sourceName } from './world-names.ts';

export interface InstancePlace {
  kind: 'instance';
  source: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  content: string;
}

export interface FileInArchive {
  place: InstancePlace;
  bytes: Uint8Array;
}

/** Where an object must end. */
export type Place =
  | InstancePlace
  /** Each file in it is an instance. */
  | { kind: 'archive'; files: readonly FileInArchive[] }
  | { kind: 'quarantine' }
  | { kind: 'ignored' }
  | { kind: 'marker' };

export interface Drop {
  atSeconds: number;
  key: string;
  bytes: Uint8Array;
  place: Place;
  /** It is uploaded in parts, and that takes so long at most. */
  inPartsSeconds?: number;
}

/** The instances of an object: one, or those of an archive. */
export function instancesIn(place: Place): InstancePlace[] {
  if (place.kind === 'archive') return place.files.map((file) => file.place);
  return place.kind === 'instance' ? [place] : [];
}

/** Something that the dropper takes away again. */
export interface Deletion {
  atSeconds: number;
  key: string;
  seriesInstanceUid: string;
}

/** Everything that is dropped in a scenario, in the order of time. */
export function dropsOf(scenario: Scenario): Drop[] {
  const series = scenario.series.flatMap((one, number) => [
    ...seriesDrops(scenario, one, number),
    ...sharedDrops(scenario, one, number),
  ]);
  const rubbish = scenario.rubbish.flatMap((one, number) =>
    one.kind === 'strange-message' ? [] : [rubbishDrop(scenario, { ...one, kind: one.kind }, number)],
  );
  return [...series, ...rubbish].sort((a, b) => a.atSeconds - b.atSeconds);
}

export function deletionsOf(scenario: Scenario): Deletion[] {
  return scenario.series.flatMap((series, number) => {
    const drops = seriesDrops(scenario, series, number).filter(({ place }) => instancesIn(place).length > 0);
    return series.deletions.flatMap(({ instance, afterSeconds }) => {
      const drop = drops[instance % drops.length];
      const [place] = drop === undefined ? [] : instancesIn(drop.place);
      if (drop === undefined || place === undefined) return [];
      const { seriesInstanceUid } = place;
      return [{ atSeconds: drop.atSeconds + afterSeconds, key: drop.key, seriesInstanceUid }];
    });
  });
}

/** Messages of the ingest queue that S3 never sent: when, and what they say. */
export function strangeMessagesOf(scenario: Scenario): { atSeconds: number; body: string }[] {
  return scenario.rubbish.flatMap(({ kind, atSeconds }, number) =>
    kind === 'strange-message' ? [{ atSeconds, body: `${STRANGE_WORD} ${number}` }] : [],
  );
}

/** So many instances of a series are dropped as they are, and one as a gzip. */
const PACKED_EACH = 3;

export const STRANGE_WORD = 'to whom it may concern';

/** Sources beyond those of the scenario are the first one: a scenario that is shrunk stays one. */
export function sourceOf(scenario: Scenario, source: number): number {
  return source % scenario.sources.length;
}

/** The version of what comes in an archive once more. */
const IN_ARCHIVE_AGAIN = 50;

/** The versions of what another source drops: its content tells whose it is. */
const SHARED_VERSION = 100;

/** What the next source drops of the same series. */
function sharedDrops(scenario: Scenario, series: SeriesScenario, number: number): Drop[] {
  const { sharedWorkspace } = scenario;
  if (sharedWorkspace === undefined || number > 0 || scenario.sources.length === 1) return [];
  const { marker: _, ...others } = series;
  const startsAtSeconds = series.startsAtSeconds + sharedWorkspace.afterSeconds;
  const shared = { ...others, source: series.source + 1, startsAtSeconds, repetitions: [] };
  return seriesDrops(scenario, shared, number, SHARED_VERSION);
}

function seriesDrops(scenario: Scenario, series: SeriesScenario, number: number, firstVersion = 1): Drop[] {
  const { kind, instances, startsAtSeconds, spreadSeconds, lateInstances, lateAfterSeconds } = series;
  const source = sourceName(sourceOf(scenario, series.source));
  const folder = `${source}/${PATIENT_WORD}/series ${number}`;
  const drop = (key: string, instance: number, version: number, atSeconds: number): Drop => {
    const file: ScanFile = scanFile(kind, number, instance, version);
    const seriesInstanceUid = seriesUidOf(kind, number);
    const sopInstanceUid = `${seriesInstanceUid}.${instance}`;
    const place: Place = {
      kind: 'instance',
      source,
      seriesInstanceUid,
      sopInstanceUid,
      content: file.content,
    };
    const bytes = instance % PACKED_EACH === 0 ? file.packed : file.bytes;
    return { atSeconds, key, bytes, place };
  };
  const late = Math.min(lateInstances, instances - 1);
  // Out of order they leave a hole behind.
  const firstLate = series.isShuffled ? 2 : instances - late + 1;
  const isLate = (instance: number) => instance >= firstLate && instance < firstLate + late;
  const timeOf = (instance: number) => {
    // A step that has no divisor in common with most counts mixes the order without another random source.
    const turn = series.isShuffled ? (instance * 7_919) % instances : instance - 1;
    const inBurst = startsAtSeconds + (spreadSeconds * turn) / instances;
    return isLate(instance) ? inBurst + lateAfterSeconds : inBurst;
  };
  const inFolder = Math.min(series.splitAfter ?? instances, instances);
  const keyOf = (instance: number) =>
    instance > inFolder ? `${folder} (2)/IM ${instance}` : `${folder}/IM ${instance}`;
  const files = Array.from({ length: instances }, (_, at) =>
    drop(keyOf(at + 1), at + 1, firstVersion, timeOf(at + 1)),
  );
  const { archive } = series;
  const inArchive = files.filter((_, at) => archive !== undefined && at + 1 <= inFolder && !isLate(at + 1));
  const drops = files.filter((file) => archive?.isBesideFiles === true || !inArchive.includes(file));
  if (archive !== undefined && inArchive.length > 0)
    drops.push(
      ...archiveDrops(archive, folder, inArchive, (place) => {
        const instance = Number(place.sopInstanceUid.slice(place.sopInstanceUid.lastIndexOf('.') + 1));
        const file = scanFile(kind, number, instance, firstVersion + IN_ARCHIVE_AGAIN);
        return { place: { ...place, content: file.content }, bytes: file.bytes };
      }),
    );
  for (const [
    again,
    { instance, afterSeconds, isElsewhere, isOtherContent },
  ] of series.repetitions.entries()) {
    const which = (instance % instances) + 1;
    const key = isElsewhere ? `${folder}/again/IM ${which} ${again}` : keyOf(which);
    drops.push(drop(key, which, isOtherContent ? again + 2 : 1, timeOf(which) + afterSeconds + 0.5));
  }
  const { marker, parts } = series;
  const uploads = drops.map((one, at) =>
    parts !== undefined && at % parts.oneIn === 0 ? { ...one, inPartsSeconds: parts.longestSeconds } : one,
  );
  if (marker !== undefined) {
    const body = {
      everything: '',
      instances: JSON.stringify({ instances: inFolder }),
      series: JSON.stringify({ series: { [seriesUidOf(kind, number)]: instances } }),
    }[marker.kind];
    const atSeconds = startsAtSeconds + marker.afterSeconds;
    uploads.push({
      atSeconds,
      key: `${folder}/_COMPLETE`,
      bytes: Buffer.from(body),
      place: { kind: 'marker' },
    });
  }
  return uploads;
}

/** Behind the pixels, so that its header can be read; it does not shrink. Longer than what the index reads at first. */
const PADDING = incompressible(40_000);
const KEPT_BYTES = 30_000;

/** The same instance in a gzip that was cut off. Nobody can read it; Qure never has it. */
export function damagedCopy(drop: Drop): Drop {
  if (drop.place.kind !== 'instance') return drop;
  const head = Buffer.from([0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(PADDING.length, 8);
  const unpacked = Buffer.concat([drop.bytes, head, PADDING]);
  const bytes = gzipSync(unpacked).subarray(0, KEPT_BYTES);
  return { ...drop, bytes, place: { ...drop.place, content: `${DAMAGED}${drop.place.content}` } };
}

/** The same instance, with the header of another study or patient. */
export function foreignCopy(drop: Drop, owner: ForeignOwner): Drop {
  if (drop.place.kind !== 'instance') return drop;
  const { seriesInstanceUid, sopInstanceUid } = drop.place;
  const { bytes, content } = foreignFile(seriesInstanceUid, sopInstanceUid, owner);
  return { ...drop, bytes, place: { ...drop.place, content } };
}

const DAMAGED = 'damaged ';

export function isDamaged(content: string): boolean {
  return content.startsWith(DAMAGED);
}

function incompressible(length: number): Buffer {
  const random = new Random(1);
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)));
}

const WHOLE = buildDicom({ sopInstanceUid: '1.2.3.4.5' });

type DroppedRubbish = RubbishScenario & { kind: Exclude<RubbishScenario['kind'], 'strange-message'> };

function rubbishDrop(scenario: Scenario, { kind, source, atSeconds }: DroppedRubbish, number: number): Drop {
  const folder = `${sourceName(sourceOf(scenario, source))}/${PATIENT_WORD}/rubbish ${number}`;
  const made = (name: string, bytes: Uint8Array, place: Place['kind']): Drop => ({
    atSeconds,
    key: `${folder}/${name}`,
    bytes,
    place: { kind: place } as Place,
  });
  switch (kind) {
    case 'text':
      return made('notes.txt', Buffer.from('to whom it may concern '.repeat(20)), 'quarantine');
    case 'truncated':
      return made('IM 1', WHOLE.subarray(0, 200), 'quarantine');
    case 'empty':
      return made('IM 1', new Uint8Array(), 'quarantine');
    case 'folder':
      return made('', new Uint8Array(), 'ignored');
    case 'dicomdir':
      return made('DICOMDIR', buildDicom(DIRECTORY), 'ignored');
    case 'no-source':
      return { ...made('IM 1', WHOLE, 'quarantine'), key: `nobody/${PATIENT_WORD}/${number}` };
    case 'no-uid':
      return made('IM 1', buildDicom({ seriesInstanceUid: undefined }), 'quarantine');
    default:
      return kind satisfies never;
  }
}

import { createHash } from 'node:crypto';
import { isValidUid } from '@qure-dropoff/dicom';
import type { Instant } from '../shared/time.ts';

export const MARKER_NAME = '_COMPLETE';
/** A marker holds counts at most. A larger body is invalid, and would not fit into a row of 400 KB. */
export const MAX_MARKER_BYTES = 256 * 1024;

/** What the body of a `_COMPLETE` object says about the objects beside and below it. */
export type MarkerExpectation =
  /** Everything beside and below the marker has been dropped. */
  | { kind: 'everything' }
  /** So many instances in all beside and below the marker. */
  | { kind: 'instances'; instances: number }
  /** So many instances of each of these series. */
  | { kind: 'series'; series: Record<string, number> };

export interface Marker {
  id: string;
  source: string;
  key: string;
  /** The part of the key that covered objects share: the marker's key without its last segment. */
  prefix: string;
  expectation: MarkerExpectation;
  /** LastModified of the marker; an object dropped later is not covered by `everything`. */
  droppedAt: Instant;
  /** Its counts have been reached: it is not checked again. */
  isFulfilled: boolean;
  /** Of its rows. Absent: never. */
  expiresAt?: Instant;
}

export function markerPrefix(key: string): string {
  return key.slice(0, key.length - MARKER_NAME.length);
}

/** The id of a marker is the hash of its folder, so that it can be found from the key of any object that it covers. */
export function markerIdOf(prefix: string): string {
  return createHash('sha256').update(prefix).digest('hex').slice(0, 32);
}

/** The folders of the source that `key` lies in, the source's own prefix included. */
export function coveringPrefixes(key: string, sourcePrefix: string): string[] {
  const prefixes: string[] = [];
  for (let at = sourcePrefix.length - 1; at !== -1; at = key.indexOf('/', at + 1)) {
    prefixes.push(key.slice(0, at + 1));
  }
  return prefixes;
}

/** Editors and shells write text in more than one way: UTF-8 with or without a byte order mark, UTF-16 with one. */
export function decodeMarker(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  // `TextDecoder` removes the byte order mark.
  return new TextDecoder(encoding).decode(bytes);
}

export type MarkerBody =
  | { kind: 'expectation'; expectation: MarkerExpectation }
  | { kind: 'invalid'; detail: string };

/**
 * Reads the body of a marker. An empty body, or one that is not a JSON object, means "everything has been dropped" (people
 * write `done` or a date into such files). The counts of a JSON object must be whole numbers of at least 1.
 */
export function readMarkerBody(body: string): MarkerBody {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'expectation', expectation: { kind: 'everything' } };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'expectation', expectation: { kind: 'everything' } };
  }
  if ('series' in value) return readSeriesCounts(value.series);
  if ('instances' in value) {
    return isCount(value.instances)
      ? { kind: 'expectation', expectation: { kind: 'instances', instances: value.instances } }
      : { kind: 'invalid', detail: 'expected "instances" to be a whole number of at least 1' };
  }
  return { kind: 'expectation', expectation: { kind: 'everything' } };
}

function readSeriesCounts(value: unknown): MarkerBody {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', detail: 'expected "series" to be an object of SeriesInstanceUID and count' };
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return { kind: 'invalid', detail: 'expected "series" to name a series' };
  const series: Record<string, number> = {};
  for (const [uid, count] of entries) {
    if (!isValidUid(uid)) return { kind: 'invalid', detail: 'expected every name in "series" to be a UID' };
    if (!isCount(count)) {
      return {
        kind: 'invalid',
        detail: 'expected every count in "series" to be a whole number of at least 1',
      };
    }
    series[uid] = count;
  }
  return { kind: 'expectation', expectation: { kind: 'series', series } };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** How far the check of a marker has come; a row beside the marker's, which may be large. */
export interface MarkerProgress {
  /** Instances that have arrived below a marker with a total; those of repeated events count twice. */
  arrivals: number;
  /** The total cannot be reached before so many have arrived. */
  due: number;
  /** The value of `due` for which a count was asked for. */
  asked?: number;
  /** So many series of a marker that names them, in its order, have reached their counts. */
  reached: number;
  /** The walk that was handed on last. */
  walk?: MarkerWalk;
  /** The archive whose end sends the next check. */
  waitsFor?: string;
}

/** Where a walk over the folder of a marker goes on. */
export interface MarkerWalk {
  /** Of this place: the message that goes on from here names it. */
  version: number;
  phase: 'index' | 'complete';
  /** The last key of the page before. */
  after?: string;
  /** Of the archive with which the page begins. */
  part?: { archiveId: string; number: number };
  /** Instances so far. */
  counted: number;
  /** `MarkerProgress.arrivals` before the walk began. */
  arrivals: number;
}

export interface MarkerStore {
  /** Its progress begins anew, unless this very marker was put before. */
  put(marker: Marker): Promise<void>;
  load(source: string, markerId: string): Promise<Marker | undefined>;
  /** The counts of the marker have been reached. Nothing is written if the marker has been dropped again since. */
  markFulfilled(marker: Marker): Promise<void>;
  /** Those of the given markers that exist. */
  find(source: string, markerIds: readonly string[]): Promise<Marker[]>;
  progressOf(marker: Marker): Promise<MarkerProgress>;
  /** Adds arrivals to the sum, and answers the progress after that. */
  countArrivals(marker: Marker, arrivals: number): Promise<MarkerProgress>;
  /**
   * Answers the progress after that. `undefined`: nothing was written, since the marker has been dropped again, or the walk is not
   * of this version any more.
   */
  saveProgress(
    marker: Marker,
    changes: Partial<Omit<MarkerProgress, 'arrivals'>>,
    walkVersion?: number,
  ): Promise<MarkerProgress | undefined>;
}

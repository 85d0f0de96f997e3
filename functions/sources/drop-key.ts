import { MARKER_NAME } from '../instances/marker.ts';
import type { Source } from './source.ts';

/** What a key of the drop bucket is, before its content is looked at. */
export type DropKey =
  | { kind: 'ignored' }
  | { kind: 'no_source' }
  | { kind: 'marker'; source: Source }
  | { kind: 'object'; source: Source };

/** Keys of S3 events are form-encoded: `+` is a blank, everything else is percent-encoded UTF-8. Throws on malformed encoding. */
export function decodeEventKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

/**
 * `sizeBytes` is unknown where the event does not tell it. A key below the prefixes of two sources belongs to no source: which
 * hospital's it is cannot be told, and the other one's Qure must not get it.
 */
export function classifyKey(key: string, sizeBytes: number | undefined, sources: readonly Source[]): DropKey {
  if (key.endsWith('/') && (sizeBytes ?? 0) === 0) return { kind: 'ignored' };
  const lastSegment = key.slice(key.lastIndexOf('/') + 1);
  const [source, ...others] = sources.filter((candidate) => key.startsWith(candidate.prefix));
  if (source === undefined || others.length > 0) return { kind: 'no_source' };
  return lastSegment === MARKER_NAME ? { kind: 'marker', source } : { kind: 'object', source };
}

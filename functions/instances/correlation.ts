import { createHash } from 'node:crypto';
import type { SeriesId } from './series-id.ts';

/**
 * One short word for a series under its source, the same everywhere and always: what every line about it has in common, and
 * what may be shown to people who should not see UIDs. 64 bits of a hash, in hexadecimal digits.
 */
export function correlationIdOf({ source, seriesInstanceUid }: SeriesId): string {
  return createHash('sha256').update(`${source}\n${seriesInstanceUid}`).digest('hex').slice(0, 16);
}

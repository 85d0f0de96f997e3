import type { SeriesId } from '../instances/series-id.ts';
import type { Series } from './series.ts';
import type { Conflict, SeriesStore } from './series-store.ts';

/** The number of attempts on a row that others keep saving; then the message is redelivered. */
const MAX_ATTEMPTS = 6;

/** Another run saved the row of a series between each read and save of this one. Transient: the message is redelivered. */
export class RowContendedError extends Error {
  override name = 'RowContendedError';
}

/**
 * Loads a series and works on it; starts over with the row read anew when the work met a conflict (another run saved
 * the row in between). Throws when that happens again and again.
 */
export async function retryOnConflict<T>(
  store: Pick<SeriesStore, 'load'>,
  id: SeriesId,
  work: (series: Series | undefined) => Promise<T | Conflict>,
): Promise<T> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const outcome = await work(await store.load(id));
    if (!isConflict(outcome)) return outcome;
  }
  throw new RowContendedError(
    `the row of a series changed ${MAX_ATTEMPTS} times while it was worked on; the message comes again`,
  );
}

export function isConflict<T>(outcome: T | Conflict): outcome is Conflict {
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'conflict';
}

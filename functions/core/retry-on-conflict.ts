import type { Conflict, SeriesStore } from './ports.ts';
import type { Series, SeriesId } from './series.ts';

/** A row that others keep changing is tried so often; then the message comes again. */
const MAX_ATTEMPTS = 6;

/** Somebody else saved the row of a series between each of our reading and saving it. Transient: the message comes again. */
export class RowContendedError extends Error {
  override name = 'RowContendedError';
}

/**
 * Loads a series and works on it; starts over with the row read anew when the work met a conflict (somebody else saved
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

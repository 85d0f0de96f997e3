import type { SeriesStore } from './ports.ts';
import type { Series, SeriesId } from './series.ts';

/** A row that others keep changing is tried so often; then the message comes again. */
const MAX_ATTEMPTS = 6;

/** Somebody else saved the row of a series between each of our reading and saving it. Transient: the message comes again. */
export class RowContendedError extends Error {
  override name = 'RowContendedError';
}

export type Attempt<T> = { kind: 'settled'; value: T } | { kind: 'conflict' };

/**
 * Loads a series and works on it; starts over with the fresh row when the work met a conflict (somebody else saved
 * the row in between). Throws when that happens again and again.
 */
export async function fresh<T>(
  store: Pick<SeriesStore, 'load'>,
  id: SeriesId,
  work: (series: Series | undefined) => Promise<Attempt<T>>,
): Promise<T> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const outcome = await work(await store.load(id));
    if (outcome.kind === 'settled') return outcome.value;
  }
  throw new RowContendedError(
    `the row of a series changed ${MAX_ATTEMPTS} times while it was worked on; the message comes again`,
  );
}

/** `fresh` for work that has no result. */
export function withFreshSeries(
  store: Pick<SeriesStore, 'load'>,
  id: SeriesId,
  work: (series: Series | undefined) => Promise<'settled' | 'conflict'>,
): Promise<void> {
  return fresh(store, id, async (series) =>
    (await work(series)) === 'settled' ? { kind: 'settled', value: undefined } : { kind: 'conflict' },
  );
}

import { describe, expect, it } from 'vitest';
import { retryOnConflict } from '../../../functions/series/retry-on-conflict.ts';
import type { Series } from '../../../functions/series/series.ts';
import { receivingRow } from '../../support/series-rows.ts';

const id = { source: 'siteA', seriesInstanceUid: '1.2.3.2' };
/** Answers the next version at each load. */
function store() {
  let version = 0;
  return {
    loads: () => version,
    async load(): Promise<Series> {
      version += 1;
      return receivingRow({ version });
    },
  };
}

describe('retryOnConflict', () => {
  it.each([1, 2, 6])(
    'works until it meets no conflict, each time with the row read anew: attempt %i',
    async (savedAt) => {
      const rows = store();
      const seen: (number | undefined)[] = [];
      const value = await retryOnConflict(rows, id, async (series) => {
        seen.push(series?.version);
        return seen.length === savedAt ? 'done' : { kind: 'conflict' };
      });
      expect(value).toBe('done');
      expect(seen).toEqual(Array.from({ length: savedAt }, (_, at) => at + 1));
    },
  );

  it('throws when others are first six times: the message comes again', async () => {
    const rows = store();
    await expect(retryOnConflict(rows, id, async () => ({ kind: 'conflict' }))).rejects.toThrow(
      'changed 6 times',
    );
    expect(rows.loads()).toBe(6);
  });

  it('does not repeat work that throws', async () => {
    const rows = store();
    await expect(retryOnConflict(rows, id, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(rows.loads()).toBe(1);
  });

  it('hands on that there is no such series', async () => {
    const none = { load: async () => undefined };
    await retryOnConflict(none, id, async (series) => {
      expect(series).toBeUndefined();
    });
    expect.assertions(1);
  });
});

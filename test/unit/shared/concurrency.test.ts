import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../../functions/shared/concurrency.ts';

describe('mapConcurrently', () => {
  it('gives results in the items’ order and never exceeds its limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        async (turns, limit) => {
          let working = 0;
          let most = 0;
          const results = await mapConcurrently([...turns.entries()], limit, async ([at, waits]) => {
            working += 1;
            most = Math.max(most, working);
            for (let turn = 0; turn < waits; turn += 1) await Promise.resolve();
            working -= 1;
            return at;
          });
          expect(results).toEqual(turns.map((_, at) => at));
          expect(most).toBeLessThanOrEqual(limit);
          expect(most).toBe(turns.length === 0 ? 0 : Math.max(1, most));
        },
      ),
    );
  });

  it('starts as many at once as it may', async () => {
    const started: number[] = [];
    const gate = Promise.withResolvers<void>();
    const done = mapConcurrently([1, 2, 3, 4], 3, async (item) => {
      started.push(item);
      await gate.promise;
    });
    expect(started).toEqual([1, 2, 3]);
    gate.resolve();
    await done;
    expect(started).toEqual([1, 2, 3, 4]);
  });

  it('throws the first error after the work under way has ended, and starts nothing more', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const slow = Promise.withResolvers<void>();
    const work = mapConcurrently([1, 2, 3, 4], 2, async (item) => {
      started.push(item);
      if (item === 2) throw new Error('item 2');
      await slow.promise;
      ended.push(item);
    });
    slow.resolve();
    await expect(work).rejects.toThrow('item 2');
    expect(started).toEqual([1, 2]);
    expect(ended).toEqual([1]);
  });
});

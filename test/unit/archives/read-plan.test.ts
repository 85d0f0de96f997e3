import { describe, expect, it } from 'vitest';
import { MAX_READ_BYTES, planReads } from '../../../functions/archives/read-plan.ts';

const KIB = 1024;
const plan = (spans: [offset: number, length: number][]) =>
  planReads(spans.map(([offset, length]) => ({ offset, length }))).map(({ read, spans: of }) => [
    read.offset,
    read.length,
    of.length,
  ]);

describe('planReads', () => {
  it('reads what lies close together at once, and what lies far away by itself', () => {
    expect(
      plan([
        [0, 16 * KIB],
        [512 * KIB, 16 * KIB],
        [9_000 * KIB, 16 * KIB],
      ]),
    ).toEqual([
      [0, 528 * KIB, 2],
      [9_000 * KIB, 16 * KIB, 1],
    ]);
  });

  it('300 slices of half a MiB take few requests, and none is longer than it may be', () => {
    const reads = plan(Array.from({ length: 300 }, (_, at) => [at * 512 * KIB, 16 * KIB]));
    expect(reads.length).toBeLessThan(25);
    expect(Math.max(...reads.map(([, length = 0]) => length))).toBeLessThanOrEqual(MAX_READ_BYTES);
    expect(reads.reduce((sum, [, , spans = 0]) => sum + spans, 0)).toBe(300);
  });

  it('has nothing to read for nothing', () => expect(plan([])).toEqual([]));
});

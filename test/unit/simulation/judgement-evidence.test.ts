import { describe, expect, test } from 'vitest';
import type { Series } from '../../../functions/series/series.ts';
import { dropsOf } from '../../simulation/drops.ts';
import { JudgementEvidence } from '../../simulation/judgement-evidence.ts';
import { seriesUidOf } from '../../simulation/scans.ts';
import type { Scenario } from '../../simulation/scenario.ts';
import { sourceName } from '../../simulation/world-names.ts';

const UID = seriesUidOf('head-ct', 0);

/** Three instances, of which the first two lie in one folder with a marker that counts one. */
const STORY = {
  sources: [{}],
  rubbish: [],
  series: [
    {
      source: 0,
      kind: 'head-ct',
      instances: 3,
      startsAtSeconds: 0,
      spreadSeconds: 30,
      isShuffled: false,
      splitAfter: 2,
      lateInstances: 0,
      lateAfterSeconds: 0,
      repetitions: [],
      marker: { kind: 'instances', afterSeconds: 1 },
      deletions: [],
    },
  ],
} as unknown as Scenario;

function countedOf(counted: number): typeof DROPS {
  return DROPS.map((drop) =>
    drop.place.kind === 'marker'
      ? { ...drop, bytes: Buffer.from(JSON.stringify({ instances: counted })) }
      : drop,
  );
}

const DROPS = dropsOf(STORY);
const keyOf = (number: number) => {
  const drop = DROPS.find(
    ({ place }) => place.kind === 'instance' && place.sopInstanceUid === `${UID}.${number}`,
  );
  if (drop === undefined) throw new Error(`expected instance ${number} among the drops`);
  return drop.key;
};
const judged = { evidence: 'count', source: sourceName(0), seriesInstanceUid: UID } as Extract<
  Series,
  { state: 'COMPLETE' }
>;
const rowsOf = (numbers: readonly number[]) =>
  numbers.map((number) => ({ sopInstanceUid: `${UID}.${number}` }));

describe('a judgement by count', () => {
  test.each([
    { name: 'as many as were promised', promised: 1, taken: [], rows: [1], wrong: undefined },
    { name: 'none below the marker', promised: 1, taken: [], rows: [3], wrong: '0 of 1' },
    { name: 'fewer than were promised', promised: 2, taken: [], rows: [1, 3], wrong: '1 of 2' },
    { name: 'one that is taken away later', promised: 1, taken: [1], rows: [1], wrong: undefined },
    { name: 'the other one, which is left', promised: 1, taken: [1], rows: [2], wrong: undefined },
    { name: 'what is left of a promise of both', promised: 2, taken: [1], rows: [2], wrong: undefined },
    { name: 'none, though one is left', promised: 2, taken: [1], rows: [3], wrong: '0 of 1' },
  ])('$name', ({ promised, taken, rows, wrong }) => {
    const deletions = taken.map((number) => ({ atSeconds: 9, key: keyOf(number), seriesInstanceUid: UID }));
    const evidence = new JudgementEvidence(countedOf(promised), deletions);
    const expected = wrong === undefined ? undefined : `1: judged by count with ${wrong} instances`;
    expect(evidence.wrongWith(judged, rowsOf(rows))).toBe(expected);
  });

  test('a late or damaged object counts, and does not block the others', () => {
    const drops = countedOf(2);
    const evidence = new JudgementEvidence(drops, []);
    const [first] = drops;
    if (first !== undefined) evidence.leaveOut(first);
    expect(evidence.wrongWith(judged, rowsOf([1]))).toBeUndefined();
    expect(evidence.wrongWith(judged, rowsOf([2]))).toBeUndefined();
    expect(evidence.wrongWith(judged, rowsOf([3]))).toBe('1: judged by count with 0 of 1 instances');
  });
});

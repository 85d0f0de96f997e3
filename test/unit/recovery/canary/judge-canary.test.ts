import { describe, expect, test } from 'vitest';
import {
  type CanaryVerdict,
  judgeCanary,
  parseCanarySettings,
} from '../../../../functions/recovery/canary/canary.ts';
import type { Series } from '../../../../functions/series/series.ts';

const settings = { withinMinutes: 30, expectedStates: ['DONE' as const, 'UNSUPPORTED' as const] };
const drop = { run: '20260301T080000Z', droppedAt: '2026-03-01T08:00:02.000Z' };
const DEADLINE = '2026-03-01T08:30:02.000Z';
const LATER = '2026-03-01T09:00:00.000Z';
/** A judge reads nothing else of a row. */
const row = (state: Series['state'], changedAt: string) => ({ state, changedAt }) as Series;

const CASES: { name: string; series?: Series; now?: string; verdict: CanaryVerdict }[] = [
  {
    name: 'done in time',
    series: row('DONE', '2026-03-01T08:04:02.500Z'),
    verdict: { kind: 'succeeded', decidedAt: '2026-03-01T08:04:02.500Z', seconds: 240.5 },
  },
  {
    name: 'refused by Qure in time, which proves the way',
    series: row('UNSUPPORTED', '2026-03-01T08:04:02.000Z'),
    verdict: { kind: 'succeeded', decidedAt: '2026-03-01T08:04:02.000Z', seconds: 240 },
  },
  {
    name: 'done at the very end',
    series: row('DONE', DEADLINE),
    verdict: { kind: 'succeeded', decidedAt: DEADLINE, seconds: 1800 },
  },
  {
    name: 'done before its marker was put again',
    series: row('DONE', '2026-03-01T08:00:01.000Z'),
    verdict: { kind: 'succeeded', decidedAt: '2026-03-01T08:00:01.000Z', seconds: 0 },
  },
  {
    name: 'done too late',
    series: row('DONE', '2026-03-01T08:30:02.001Z'),
    verdict: { kind: 'failed', decidedAt: DEADLINE, why: 'overdue' },
  },
  {
    name: 'failed, told before its time is up',
    series: row('FAILED', '2026-03-01T08:04:00.000Z'),
    now: '2026-03-01T08:05:00.000Z',
    verdict: { kind: 'failed', decidedAt: '2026-03-01T08:04:00.000Z', why: 'unexpected_state' },
  },
  {
    name: 'skipped: it never came to Qure',
    series: row('SKIPPED', '2026-03-01T08:04:00.000Z'),
    verdict: { kind: 'failed', decidedAt: '2026-03-01T08:04:00.000Z', why: 'unexpected_state' },
  },
  {
    name: 'under way while there is time',
    series: row('COMPUTING', '2026-03-01T08:04:00.000Z'),
    now: DEADLINE,
    verdict: { kind: 'pending' },
  },
  {
    name: 'under way when its time is up',
    series: row('COMPUTING', '2026-03-01T08:04:00.000Z'),
    now: '2026-03-01T08:30:02.001Z',
    verdict: { kind: 'failed', decidedAt: DEADLINE, why: 'overdue' },
  },
  { name: 'not there yet', now: '2026-03-01T08:10:00.000Z', verdict: { kind: 'pending' } },
  { name: 'never there: lost', verdict: { kind: 'failed', decidedAt: DEADLINE, why: 'not_indexed' } },
];

describe('a study of the canary', () => {
  test.each(CASES)('$name', ({ series, now = LATER, verdict }) => {
    expect(judgeCanary(drop, series, settings, now)).toEqual(verdict);
  });

  test('succeeds when it is skipped, if SKIPPED is an expected state', () => {
    const skipped = row('SKIPPED', '2026-03-01T08:04:00.000Z');
    expect(judgeCanary(drop, skipped, { ...settings, expectedStates: ['SKIPPED'] }, LATER).kind).toBe(
      'succeeded',
    );
  });
});

describe('the settings', () => {
  const good = {
    source: 'canary',
    prefix: 'canary/',
    everyMinutes: 60,
    withinMinutes: 30,
    expectedStates: ['DONE'],
  };

  test('are read as they were written', () => {
    expect(parseCanarySettings(JSON.stringify(good))).toEqual(good);
  });

  test.each([
    { name: 'no JSON', text: 'canary' },
    { name: 'a state that is no good end', text: JSON.stringify({ ...good, expectedStates: ['FAILED'] }) },
    { name: 'nothing expected', text: JSON.stringify({ ...good, expectedStates: [] }) },
    { name: 'a prefix that is no folder', text: JSON.stringify({ ...good, prefix: 'canary' }) },
    { name: 'a misspelt name', text: JSON.stringify({ ...good, within: 5 }) },
  ])('$name is refused', ({ text }) => {
    expect(() => parseCanarySettings(text)).toThrow();
  });
});

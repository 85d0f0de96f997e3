import { leastSeconds } from '@qure-dropoff/learned-quiet';
import { describe, expect, test } from 'vitest';
import { chartOf } from '../../../bench/time-to-result/chart.ts';
import { knownHistory, SCAN_KINDS } from '../../../bench/time-to-result/scans.ts';
import { secondsAfterLast, stagesOf } from '../../../bench/time-to-result/stages.ts';

const startMs = Date.parse('2026-03-01T08:00:00Z');
const at = (step: string, seconds: number) => ({
  step,
  at: new Date(startMs + seconds * 1000).toISOString(),
});
const dropped = { firstMs: startMs, lastMs: startMs + 8000 };
const call = [at('judged', 11), at('uploadBegan', 12), at('uploaded', 14), at('computeCalled', 15)];
const ended = [at('polled', 110), at('ended', 110), at('announced', 111)];

describe('the stages of a series', () => {
  test('follow one another without a gap', () => {
    const stages = stagesOf({ state: 'DONE', timeline: [...call, ...ended] }, dropped, 90);
    expect(stages).toEqual({
      arrival: 8,
      wait: 3,
      queue: 1,
      upload: 3,
      compute: 90,
      poll: 5,
      assets: 1,
    });
    expect(secondsAfterLast(stages)).toBe(103);
  });

  test('an X-ray is computed from its receipt on', () => {
    const timeline = [at('judged', 11), at('uploadBegan', 12), at('uploaded', 14), at('polled', 30)];
    const stages = stagesOf({ state: 'DONE', timeline: [...timeline, at('announced', 31)] }, dropped, 15);
    expect(stages).toMatchObject({ upload: 2, compute: 15, poll: 1, assets: 1 });
  });

  test('a series without a result is told with its state', () => {
    const failed = { state: 'FAILED', reason: 'results_timeout', timeline: [at('judged', 11)] };
    expect(() => stagesOf(failed, dropped, 90)).toThrow(/uploaded, got FAILED results_timeout/);
  });
});

test('a known sender of each kind is waited for as briefly as it may be', () => {
  const limits = { floorSeconds: 3, quietSeconds: 60, longestSeconds: 600, holdSeconds: 600 };
  for (const kind of SCAN_KINDS) {
    expect(knownHistory(kind).recent.premature).toBe(0);
    expect(leastSeconds(knownHistory(kind), limits)).toBeLessThanOrEqual(4);
  }
});

test('the picture has a bar for each series, as long as its stages, and hostile text in it is text', () => {
  const stages = { arrival: 10, wait: 0, queue: 0, upload: 0, compute: 90, poll: 0, assets: 0 };
  const bars = [
    { label: 'a <script>', note: '90 s & more', stages },
    { label: 'b', note: '', stages: { ...stages, compute: 40 } },
  ];
  const svg = chartOf([{ title: 'Head CT', bars }]);
  const widths = [...svg.matchAll(/width="(\d+\.\d)" height="14"/g)].map(([, width]) => Number(width));
  expect(widths).toHaveLength(14);
  expect((widths[4] ?? 0) / (widths[11] ?? 1)).toBeCloseTo(90 / 40, 1);
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('90 s &amp; more');
});

import { describe, expect, it } from 'vitest';
import { firstLookSeconds, isAdaptive, silenceLimits } from '../../../functions/sources/silence.ts';
import type { SourceDocument } from '../../../functions/sources/source-document.ts';
import { LOCAL_DEFAULTS, parseSource } from '../../../functions/sources/sources-document.ts';

const sourceOf = (document: SourceDocument = {}) => parseSource('a', document);
const limitsOf = (document: SourceDocument, priority: 'routine' | 'urgent' = 'routine') =>
  silenceLimits(sourceOf(document), priority);

describe('the limits of what is learned', () => {
  it.each<[string, SourceDocument, 'routine' | 'urgent', number[]]>([
    ['a routine series', {}, 'routine', [3, 60, 600, 600]],
    ['an urgent one', {}, 'urgent', [3, 60, 180, 180]],
    ['a floor of the source', { completion: { floorSeconds: 10 } }, 'routine', [10, 60, 600, 600]],
    ['the same for an urgent series', { completion: { floorSeconds: 10 } }, 'urgent', [10, 60, 180, 180]],
    ['a longest wait below them', { maxWaitSeconds: 120 }, 'routine', [3, 60, 120, 120]],
    ['a longest wait below the quiet period', { maxWaitSeconds: 30 }, 'urgent', [3, 60, 60, 60]],
    ['a quiet period above them', { quietPeriodSeconds: 800 }, 'routine', [3, 800, 800, 800]],
    ['a quiet period below the floor', { quietPeriodSeconds: 1 }, 'routine', [1, 1, 600, 600]],
    [
      'a floor above the quiet period',
      { quietPeriodSeconds: 5, completion: { floorSeconds: 9 } },
      'routine',
      [5, 5, 600, 600],
    ],
  ])('%s', (_what, document, priority, expected) => {
    const { floorSeconds, quietSeconds, longestSeconds, holdSeconds } = limitsOf(document, priority);
    expect([floorSeconds, quietSeconds, longestSeconds, holdSeconds]).toEqual(expected);
  });

  it('are in their order, whatever the options are', () => {
    const values = [0.5, 2, 45, 90, 400, 5000];
    for (const quietPeriodSeconds of values)
      for (const maxWaitSeconds of values)
        for (const floorSeconds of values)
          for (const priority of ['routine', 'urgent'] as const) {
            const document = { quietPeriodSeconds, maxWaitSeconds, completion: { floorSeconds } };
            const limits = limitsOf(document, priority);
            expect(limits.floorSeconds).toBeLessThanOrEqual(limits.quietSeconds);
            expect(limits.quietSeconds).toBeLessThanOrEqual(limits.longestSeconds);
            expect(limits.longestSeconds).toBeLessThanOrEqual(limits.holdSeconds);
          }
  });
});

describe('the first look', () => {
  it.each<[string, SourceDocument, number]>([
    ['is after the floor', {}, 3],
    ['is after the floor of the source', { completion: { floorSeconds: 4 } }, 4],
    ['is after the quiet period where that is shorter', { quietPeriodSeconds: 1 }, 1],
    ['is after the quiet period in mode quiet', { completion: { mode: 'quiet', floorSeconds: 4 } }, 60],
  ])('%s', (_what, document, seconds) => {
    expect(firstLookSeconds(sourceOf(document))).toBe(seconds);
  });
});

it('a source is adaptive unless it says otherwise, in the cloud and on one machine', () => {
  expect(isAdaptive(sourceOf())).toBe(true);
  expect(isAdaptive(parseSource('a', {}, LOCAL_DEFAULTS))).toBe(true);
  expect(isAdaptive(sourceOf({ completion: { floorSeconds: 4 } }))).toBe(true);
  expect(isAdaptive(sourceOf({ completion: { mode: 'quiet' } }))).toBe(false);
});

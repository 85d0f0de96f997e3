import { WAIT_REASONS } from '@qure-dropoff/learned-quiet';
import { describe, expect, test } from 'vitest';
import {
  evidenceInWords,
  examinationOf,
  scheduleInWords,
  silenceInWords,
} from '../../../console/series/words.ts';
import type { Answer } from '../../../console/shared/api.ts';
import { COMPLETION_REASONS } from '../../../functions/series/series-facts.ts';

type Series = Answer<'Series'>;

function series(overrides: Partial<Series> = {}): Series {
  return {
    source: 'north',
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.2.1',
    modality: 'CT',
    bodyParts: ['head'],
    product: 'qER',
    state: 'DONE',
    generation: 1,
    instances: 24,
    resultKeys: ['north/1.2/1.2.1/1/result.json'],
    firstArrivalAt: '2026-03-01T11:00:00.000Z',
    lastArrivalAt: '2026-03-01T11:30:00.000Z',
    changedAt: '2026-03-01T11:50:00.000Z',
    ...overrides,
  };
}

test('an examination is told by what is known of it', () => {
  expect(examinationOf(series({ bodyParts: ['chest', 'wholeBody'] }))).toBe('CT chest, whole body qER');
  const { bodyParts: _parts, product: _product, ...unknown } = series();
  expect(examinationOf(unknown)).toBe('CT');
});

test.each(COMPLETION_REASONS)('the evidence %s has words', (evidence) => {
  expect(evidenceInWords(evidence)).toMatch(/^[a-z]+ .* [a-z]+$/);
});

describe('how long a series had to be silent', () => {
  const known = { seconds: 4.85, knownSeries: 85, longestSilenceSeconds: 2.44 };

  test.each([
    ['learned', known, 'none of 85 earlier series of the sender paused for longer than 2.4 s'],
    [
      'learned',
      { ...known, knownSeries: 200 },
      'at most one in 200 of 200 earlier series of the sender paused for longer than 2.4 s',
    ],
    ['new_sender', { ...known, knownSeries: 0 }, 'too few earlier series of the sender are known (0)'],
    ['hole', known, 'a slice seemed to be missing'],
  ] as const)('is told with its reason: %s', (reason, numbers, words) => {
    const text = silenceInWords({ ...numbers, reason });
    expect(text).toMatch(/^needed 4\.9 s without an image: /);
    expect(text.slice(text.indexOf(':') + 2)).toBe(words);
  });

  test('has words for each reason, and the code of one that is not known', () => {
    for (const reason of WAIT_REASONS)
      expect(silenceInWords({ ...known, reason })).toMatch(/image: [a-z]+ .* [a-z.0-9()]+$/);
    const later = { ...known, reason: 'moon' } as unknown as Parameters<typeof silenceInWords>[0];
    expect(silenceInWords(later)).toBe('needed 4.9 s without an image: moon');
  });
});

test.each([
  [
    { schedule: 'learned', knownResults: 50, medianSeconds: 91.25 },
    'at times learned from 50 results, half of which took up to 91.3 s',
  ],
  [
    { schedule: 'default', knownResults: 3, medianSeconds: 90 },
    'at usual times: too few results are known (3)',
  ],
  [{ schedule: 'fixed' }, ''],
  [{}, ''],
] as const)('the schedule %o of polls has words', (facts, words) => {
  expect(scheduleInWords({ step: 'polled', at: '2026-03-01T11:50:00.000Z', ...facts })).toBe(words);
});

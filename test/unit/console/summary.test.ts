import { describe, expect, test } from 'vitest';
import { type Study, sectionIdOf } from '../../../console/worklist/filters.ts';
import { promiseOf, stageInWords, stepsOf, summaryOf } from '../../../console/worklist/summary.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');

function study(overrides: Partial<Study> = {}): Study {
  return {
    source: 'north',
    studyInstanceUid: '1.2',
    modalities: ['CT'],
    bodyParts: ['head'],
    products: ['qER'],
    series: [{ state: 'DONE', count: 1 }],
    progress: { arriving: 0, uploading: 0, computing: 0, results: 1 },
    findings: [],
    reasons: [],
    firstArrivalAt: '2026-03-01T11:00:00.000Z',
    lastArrivalAt: '2026-03-01T11:30:00.000Z',
    changedAt: '2026-03-01T11:50:00.000Z',
    ...overrides,
  };
}

const at = (progress: Partial<Study['progress']>): Partial<Study> => ({
  progress: { arriving: 0, uploading: 0, computing: 0, results: 0, ...progress },
});

describe('the one thing to know of a study', () => {
  test.each<[string, Partial<Study>, RegExp]>([
    ['arrives', at({ arriving: 1 }), /^Images are arriving, the last one 30 min ago$/],
    ['is sent', at({ uploading: 1 }), /^Being sent to Qure$/],
    ['is computed', at({ computing: 1 }), /^Qure is computing$/],
    ['has results without a finding, which are not called normal', {}, /^Results are there$/],
    ['was skipped', { series: [{ state: 'SKIPPED', count: 1 }] }, /^Skipped/],
    ['failed', { reasons: ['qure_unavailable'] }, /^No result: Qure could not be reached$/],
    ['failed for a reason of a later version', { reasons: ['new_reason'] }, /^No result: new reason$/],
    ['failed for a name of every object', { reasons: ['constructor'] }, /^No result: constructor$/],
    [
      'has findings, and a series that waits',
      {
        findings: [{ key: 'ICH', label: 'Intracranial hemorrhage' }],
        heldBack: {
          reason: 'daily_budget',
          since: '2026-03-01T11:00:00.000Z',
          until: '2026-03-02T00:00:00.000Z',
        },
      },
      /^Intracranial hemorrhage\. Waits: the daily budget of the source is used up; tries again at /,
    ],
    [
      'waits, and has a series that failed',
      {
        reasons: ['asset_missing'],
        heldBack: {
          reason: 'daily_budget',
          since: '2026-03-01T11:00:00.000Z',
          until: '2026-03-02T00:00:00.000Z',
        },
      },
      /^Waits: the daily budget of the source is used up; tries again at /,
    ],
    [
      'has findings, and a series that failed',
      { findings: [{ key: 'ICH', label: 'Intracranial hemorrhage' }], reasons: ['asset_missing'] },
      /^Intracranial hemorrhage\. No result: the answer of Qure lacks something$/,
    ],
  ])('that %s', (_name, overrides, expected) => {
    expect(summaryOf(study(overrides), NOW).text).toMatch(expected);
  });
});

test('each step is as full as series have come to it', () => {
  const { progress } = study(at({ arriving: 1, computing: 1, results: 2 }));
  expect(stepsOf({ progress }).map(({ share }) => share)).toEqual([1, 0.75, 0.75, 0.5]);
  expect(stageInWords(study(at({ arriving: 1, computing: 1, results: 2 })))).toBe('Arriving, 2 of 4 done');
});

test('a study that is held back waits, and is not on its way', () => {
  const heldBack = { reason: 'concurrency', since: '', until: '' } as const;
  expect(stageInWords(study({ ...at({ uploading: 1 }), heldBack }))).toBe('Waits');
  expect(stageInWords(study({ ...at({ uploading: 1, results: 1 }), heldBack }))).toBe('Waits, 1 of 2 done');
  expect(stageInWords(study({ ...at({ arriving: 1, uploading: 1 }), heldBack }))).toBe(
    'Arriving, 0 of 2 done',
  );
});

test.each<[Partial<Study>, string]>([
  [{ triage: 'critical', ...at({ computing: 1, results: 1 }) }, 'critical'],
  [{ triage: 'abnormal', ...at({ computing: 1, results: 1 }) }, 'waiting'],
  [{ triage: 'abnormal' }, 'finished'],
  [{ triage: 'routine' }, 'finished'],
])('%o stands among %s', (overrides, expected) => {
  expect(sectionIdOf(study(overrides))).toBe(expected);
});

test.each([
  [undefined, undefined],
  [60, false],
  [30, false],
  [20, true],
])('of a promise of %s minutes, 30 minutes after the last image, late is %s', (minutes, isLate) => {
  expect(promiseOf(study(), minutes, NOW)?.isLate).toBe(isLate);
});

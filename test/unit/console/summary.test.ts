import { describe, expect, test } from 'vitest';
import { type Study, sectionIdOf } from '../../../console/worklist/filters.ts';
import { promiseOf, stageInWords, stepsOf, summaryOf } from '../../../console/worklist/summary.ts';

type Part = Study['series'][number];

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
    skipReasons: [],
    firstArrivalAt: '2026-03-01T11:00:00.000Z',
    lastArrivalAt: '2026-03-01T11:30:00.000Z',
    changedAt: '2026-03-01T11:50:00.000Z',
    ...overrides,
  };
}

const at = (progress: Partial<Study['progress']>): Partial<Study> => ({
  progress: { arriving: 0, uploading: 0, computing: 0, results: 0, ...progress },
});

const [DONE, FAILED, UPLOADING, COMPLETE] = (['DONE', 'FAILED', 'UPLOADING', 'COMPLETE'] as const).map(
  (state) => ({ state, count: 1 }),
) as [Part, Part, Part, Part];
const failed = (reason: string): Partial<Study> => ({ series: [FAILED], reasons: [reason] });

describe('the one thing to know of a study', () => {
  test.each<[string, Partial<Study>, RegExp]>([
    ['arrives', at({ arriving: 1 }), /^Images are arriving, the last one 30 min ago$/],
    ['is sent', { ...at({ uploading: 1 }), series: [UPLOADING] }, /^Being sent to Qure$/],
    ['waits for its turn', { ...at({ uploading: 1 }), series: [COMPLETE] }, /^Complete, waits for its turn$/],
    ['is computed', at({ computing: 1 }), /^Qure is computing$/],
    ['has a result that is not called normal', {}, /^Result stored$/],
    ['has a routine CT', { triage: 'routine' }, /^Result stored, standard priority$/],
    [
      'has a routine X-ray',
      { triage: 'routine', products: ['qMSK', 'qXR'] },
      /^Result stored, Qure names no finding$/,
    ],
    [
      'has a routine X-ray and a CT',
      { triage: 'routine', products: ['qER', 'qXR'] },
      /^Result stored, standard priority$/,
    ],
    [
      'has a routine result of a product of the source',
      { triage: 'routine', products: ['own'] },
      /^Result stored, standard priority$/,
    ],
    [
      'has a result of an invalid scan',
      { triage: 'routine', products: ['qXR'], isInvalidScan: true },
      /^Result stored\. Qure calls a scan invalid$/,
    ],
    [
      'has findings, and an invalid scan',
      { findings: [{ key: 'ICH', label: 'Intracranial hemorrhage' }], isInvalidScan: true },
      /^Intracranial hemorrhage\. Qure calls a scan invalid$/,
    ],
    [
      'has an invalid scan, and a series that failed',
      { ...failed('qure_unavailable'), series: [DONE, FAILED], isInvalidScan: true },
      /^One series without a result: Qure could not be reached\. Qure calls a scan invalid$/,
    ],
    [
      'was skipped',
      { series: [{ state: 'SKIPPED', count: 2 }], skipReasons: ['localizer', 'no_route'] },
      /^Skipped: a localizer; no rule chooses a product$/,
    ],
    ['failed', failed('qure_unavailable'), /^No result: Qure could not be reached$/],
    ['failed for a reason of a later version', failed('new_reason'), /^No result: new reason$/],
    ['failed for a name of every object', failed('constructor'), /^No result: constructor$/],
    [
      'has a result, and a series that failed',
      { ...failed('qure_unavailable'), series: [DONE, FAILED] },
      /^One series without a result: Qure could not be reached$/,
    ],
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
      {
        ...failed('asset_missing'),
        series: [DONE, { ...FAILED, count: 2 }],
        findings: [{ key: 'ICH', label: 'Intracranial hemorrhage' }],
      },
      /^Intracranial hemorrhage\. 2 series without a result: the answer of Qure lacks something$/,
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
  expect(stageInWords(study({ ...at({ uploading: 1 }), heldBack }))).toBe('Waiting');
  expect(stageInWords(study({ ...at({ uploading: 1, results: 1 }), heldBack }))).toBe('Waiting, 1 of 2 done');
  expect(stageInWords(study({ ...at({ arriving: 1, uploading: 1 }), heldBack }))).toBe(
    'Arriving, 0 of 2 done',
  );
});

test.each<[string, Partial<Study>]>([
  ['Uploading', { ...at({ uploading: 1 }), series: [UPLOADING] }],
  ['Waiting', { ...at({ uploading: 1 }), series: [COMPLETE] }],
  ['Failed', failed('asset_missing')],
  ['1 of 2 failed', { ...at({ results: 2 }), series: [DONE, FAILED] }],
  ['Not supported', { series: [{ state: 'UNSUPPORTED', count: 1 }] }],
  ['Skipped', { series: [{ state: 'SKIPPED', count: 1 }] }],
  ['Done', {}],
])('the progress of a study says %s', (words, overrides) => {
  expect(stageInWords(study(overrides))).toBe(words);
});

test.each<[Partial<Study>, string]>([
  [{ triage: 'critical', ...at({ computing: 1, results: 1 }) }, 'critical'],
  [{ triage: 'abnormal', ...at({ computing: 1, results: 1 }) }, 'underWay'],
  [{ triage: 'abnormal', series: [DONE, FAILED] }, 'failed'],
  [{ series: [{ state: 'UNSUPPORTED', count: 1 }] }, 'finished'],
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

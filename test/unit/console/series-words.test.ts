import { describe, expect, test } from 'vitest';
import { examinationOf, triageOf } from '../../../console/series/words.ts';
import type { Answer } from '../../../console/shared/api.ts';

type Series = Answer<'Series'>;

function series(overrides: Partial<Series> = {}): Series {
  return {
    source: 'north',
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.2.1',
    modality: 'CT',
    bodyParts: ['head'],
    product: 'qER',
    usecase: 'qer',
    state: 'DONE',
    triageStatus: 'critical',
    generation: 1,
    instances: 24,
    resultKeys: ['north/1.2/1.2.1/1/result.json'],
    firstArrivalAt: '2026-03-01T11:00:00.000Z',
    lastArrivalAt: '2026-03-01T11:30:00.000Z',
    changedAt: '2026-03-01T11:50:00.000Z',
    ...overrides,
  };
}

describe('the triage that the details of a series show', () => {
  test.each<[string, Partial<Series>, ReturnType<typeof triageOf>]>([
    ['is critical for a CT that Qure calls critical', {}, 'critical'],
    ['is abnormal for an X-ray that Qure calls critical', { product: 'qXR', usecase: 'qxr' }, 'abnormal'],
    [
      'is abnormal for an X-ray of a product that the source defines: its results are by image',
      { product: 'trial', usecase: 'trial', resultKeys: ['north/1.2/1.2.1/1/result.1.2.1.7.json'] },
      'abnormal',
    ],
    ['is routine where Qure says so', { triageStatus: 'routine' }, 'routine'],
    ['is none while the series is computed again', { state: 'COMPUTING' }, undefined],
  ])('%s', (_name, overrides, expected) => {
    expect(triageOf(series(overrides))).toBe(expected);
  });
});

test('an examination is told by what is known of it', () => {
  expect(examinationOf(series({ bodyParts: ['chest', 'wholeBody'] }))).toBe('CT chest, whole body qER');
  const { bodyParts: _parts, product: _product, ...unknown } = series();
  expect(examinationOf(unknown)).toBe('CT');
});

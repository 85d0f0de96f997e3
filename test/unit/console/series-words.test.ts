import { expect, test } from 'vitest';
import { examinationOf } from '../../../console/series/words.ts';
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

import { expect, test } from 'vitest';
import { judgeScan, type ScanVerdict } from '../src/scan-verdict.ts';

const HEADER = {
  studyInstanceUid: '1.2',
  seriesInstanceUid: '1.2.3',
  sopInstanceUid: '1.2.3.4',
  modality: 'CT',
  bodyPart: '',
  seriesDescription: '',
  studyDescription: '',
};

test.each<[string, Partial<typeof HEADER>, Partial<ScanVerdict>]>([
  ['CT head', { bodyPart: 'HEAD' }, { usecase: 'qer', validity: 'valid' }],
  ['CT chest', { bodyPart: 'CHEST' }, { usecase: 'qct', validity: 'valid' }],
  ['CT by study description', { studyDescription: 'CT Thorax nativ' }, { usecase: 'qct' }],
  ['body part before description', { bodyPart: 'HEAD', studyDescription: 'CHEST' }, { usecase: 'qer' }],
  ['CT without any word', {}, { usecase: 'qer', validity: 'valid' }],
  ['CT abdomen', { bodyPart: 'ABDOMEN' }, { usecase: 'not_implemented', validity: 'invalid' }],
  ['chest X-ray', { modality: 'DX', bodyPart: 'CHEST' }, { usecase: 'qxr', validity: 'valid' }],
  ['hand X-ray', { modality: 'CR', bodyPart: 'HAND' }, { usecase: 'qmsk', validity: 'valid' }],
  ['X-ray without any word', { modality: 'CR' }, { usecase: 'qmsk' }],
  ['MR', { modality: 'MR', bodyPart: 'HEAD' }, { validity: 'unsupported' }],
  ['marked unsupported', { seriesDescription: 'x [unsupported]' }, { validity: 'unsupported' }],
  [
    'marked invalid',
    { modality: 'DX', seriesDescription: '[Invalid]' },
    { validity: 'invalid', triage: 'routine' },
  ],
  ['marked critical', { seriesDescription: '[CRITICAL]' }, { triage: 'critical' }],
  ['marked routine', { seriesDescription: '[routine]' }, { triage: 'routine' }],
])('%s', (_name, header, expected) => {
  expect(judgeScan({ ...HEADER, ...header })).toMatchObject(expected);
});

test('the triage follows from the series UID: some critical, most routine, always the same', () => {
  const triage = () =>
    Array.from({ length: 100 }, (_, n) => judgeScan({ ...HEADER, seriesInstanceUid: `1.2.${n}` }).triage);
  expect(triage()).toEqual(triage());
  const critical = triage().filter((value) => value === 'critical').length;
  expect(critical).toBeGreaterThan(5);
  expect(critical).toBeLessThan(50);
});

import { describe, expect, it } from 'vitest';
import { isForeign, mixedIdentity } from '../../../functions/instances/identity.ts';
import { areOtherPatients, patientHasher } from '../../../functions/instances/patient-hash.ts';

const hash = patientHasher('a key of the deployment that is long enough');
const afterRotation = patientHasher('another key of the deployment, as long');

const ANNA = hash({ patientId: '4711' });
const ANNA_AT_NORTH = hash({ patientId: '4711', issuer: 'NORTH' });
const ANNA_AT_SOUTH = hash({ patientId: '4711', issuer: 'SOUTH' });
const BERT = hash({ patientId: '4712' });
const ANNA_UNDER_NEW_KEY = afterRotation({ patientId: '4711' });
const BERT_UNDER_NEW_KEY = afterRotation({ patientId: '4712' });

describe('the hash of a patient', () => {
  it('is the same for the same patient and key, and says neither the PatientID nor the key', () => {
    expect(hash({ patientId: '4711' })).toBe(ANNA);
    expect(ANNA).toMatch(/^[\w-]{8}\.[\w-]{22}$/);
    expect(ANNA_AT_NORTH).toMatch(/^[\w-]{8}\.[\w-]{22}\.[\w-]{22}$/);
    expect(ANNA_AT_NORTH).not.toMatch(/4711|NORTH/);
  });

  it.each([
    ['another PatientID', ANNA, BERT, true],
    ['the same', ANNA, ANNA, false],
    ['a PatientID in another case', hash({ patientId: 'a1' }), hash({ patientId: 'A1' }), true],
    ['one PatientID of two issuers', ANNA_AT_NORTH, ANNA_AT_SOUTH, true],
    ['one PatientID, whose issuer only one names', ANNA_AT_NORTH, ANNA, false],
    [
      'another PatientID of the same issuer',
      ANNA_AT_NORTH,
      hash({ patientId: '4712', issuer: 'NORTH' }),
      true,
    ],
    ['the same under another key', ANNA, ANNA_UNDER_NEW_KEY, false],
    ['another PatientID under another key: not to be told', ANNA, BERT_UNDER_NEW_KEY, false],
  ])('%s', (_what, one, other, areOthers) => {
    expect(areOtherPatients(one, other)).toBe(areOthers);
    expect(areOtherPatients(other, one)).toBe(areOthers);
  });
});

/** An instance of this study and patient. */
function instance(studyInstanceUid: string, patientHash?: string) {
  return { studyInstanceUid, ...(patientHash === undefined ? {} : { patientHash }) };
}

describe('the instances of one series', () => {
  it.each([
    ['one study of one patient', [instance('1.1', ANNA), instance('1.1', ANNA)], undefined],
    ['none', [], undefined],
    ['two patients', [instance('1.1', ANNA), instance('1.1', BERT)], 'instances of 2 patients'],
    ['two studies', [instance('1.1', ANNA), instance('1.2', ANNA)], 'instances of 2 studies'],
    [
      'two studies, and who they are of is not known',
      [instance('1.1'), instance('1.2')],
      'instances of 2 studies',
    ],
    [
      'three patients of two studies',
      [instance('1.1', ANNA), instance('1.2', BERT), instance('1.2', hash({ patientId: 'third' }))],
      'instances of 3 patients and of 2 studies',
    ],
    ['one whose PatientID is empty', [instance('1.1', ANNA), instance('1.1')], undefined],
    ['one of a row of before', [instance('1.1'), instance('1.1')], undefined],
    [
      'an issuer that some name',
      [instance('1.1', ANNA), instance('1.1', ANNA_AT_NORTH), instance('1.1', ANNA)],
      undefined,
    ],
    [
      'two issuers, and one that names none',
      [instance('1.1', ANNA), instance('1.1', ANNA_AT_NORTH), instance('1.1', ANNA_AT_SOUTH)],
      'instances of 2 patients',
    ],
    [
      'rows of before and after a rotation of the key',
      [instance('1.1', ANNA), instance('1.1', ANNA_UNDER_NEW_KEY)],
      undefined,
    ],
    [
      'two patients of after the rotation among rows of before',
      [instance('1.1', ANNA), instance('1.1', ANNA_UNDER_NEW_KEY), instance('1.1', BERT_UNDER_NEW_KEY)],
      'instances of 2 patients',
    ],
  ])('%s', (_what, instances, expected) => {
    expect(mixedIdentity(instances)).toBe(expected);
  });
});

describe('a DICOM file among the assets', () => {
  const SERIES = [instance('1.1', ANNA), instance('1.1')];
  it.each([
    ['of the same study and patient', { studyInstanceUid: '1.1', patientHash: ANNA }, SERIES, false],
    ['of another study', { studyInstanceUid: '1.2', patientHash: ANNA }, SERIES, true],
    ['of another patient', { studyInstanceUid: '1.1', patientHash: BERT }, [instance('1.1', ANNA)], true],
    ['that names no study', { patientHash: ANNA }, SERIES, false],
    ['that names no study, of another patient', { patientHash: BERT }, [instance('1.1', ANNA)], true],
    ['that names no patient', { studyInstanceUid: '1.1' }, SERIES, false],
    ['that names neither', {}, SERIES, false],
    [
      'of a series that has no hash yet',
      { studyInstanceUid: '1.1', patientHash: BERT },
      [instance('1.1')],
      false,
    ],
    [
      'of a series whose hashes are of an earlier key',
      { studyInstanceUid: '1.1', patientHash: ANNA_UNDER_NEW_KEY },
      [instance('1.1', ANNA)],
      false,
    ],
  ])('%s', (_what, asset, instances, expected) => {
    expect(isForeign(asset, instances)).toBe(expected);
  });
});

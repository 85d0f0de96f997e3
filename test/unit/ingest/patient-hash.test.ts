import { buildDicom } from '@qure-dropoff/dicom/testing';
import type { DicomElement } from '@qure-dropoff/dicom/write';
import { expect, it } from 'vitest';
import { patientHasher } from '../../../functions/instances/patient-hash.ts';
import { breakCalls, OutageError } from '../../support/world/port-calls.ts';
import { ID } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';
import { PATIENT_KEY, World } from '../../support/world/world.ts';

const hash = patientHasher(PATIENT_KEY);

const patientId = (value: string): DicomElement => ({ tag: 0x00100020, vr: 'LO', value });
const issuer = (value: string): DicomElement => ({ tag: 0x00100021, vr: 'LO', value });
const latin1: DicomElement = { tag: 0x00080005, vr: 'CS', value: 'ISO_IR 100' };

/** What the row of one instance with these elements keeps of its patient. */
async function hashOf(
  elements: DicomElement[],
  file: { isUtf8?: boolean } = {},
): Promise<string | undefined> {
  const world = new World();
  world.drop.put('default/a.dcm', buildDicom({ seriesInstanceUid: ID.seriesInstanceUid, elements, ...file }));
  await index(world, ['default/a.dcm']);
  world.verify();
  const [row] = await world.instances.ofSeries(ID);
  expect(JSON.stringify(row)).not.toContain('4711');
  return row?.patientHash;
}

it.each([
  ['a PatientID', [patientId('4711')], { patientId: '4711' }],
  [
    'a PatientID with its issuer',
    [patientId('4711'), issuer('NORTH')],
    { patientId: '4711', issuer: 'NORTH' },
  ],
  ['blanks around it', [patientId('  4711 '), issuer(' ')], { patientId: '4711' }],
  ['the padding of writers that err', [patientId('4711\0\0')], { patientId: '4711' }],
  ['its case', [patientId('ab-4711')], { patientId: 'ab-4711' }],
  ['a letter of Latin-1', [latin1, patientId('4711é')], { patientId: '4711é' }],
])('keeps a hash of the patient with the instance: %s', async (_what, elements, expected) => {
  expect(await hashOf(elements)).toBe(hash(expected));
});

it('hashes composed and decomposed letters alike', async () => {
  const composed = await hashOf([patientId('4711é')], { isUtf8: true });
  expect(await hashOf([patientId('4711é')], { isUtf8: true })).toBe(composed);
  expect(await hashOf([latin1, patientId('4711é')])).toBe(composed);
});

it.each([
  ['no PatientID', []],
  ['an empty one', [patientId('')]],
  ['a blank one', [patientId('  '), issuer('NORTH')]],
])('keeps none where the header has %s', async (_what, elements) => {
  expect(await hashOf(elements)).toBeUndefined();
});

it('indexes nothing while the key cannot be read', async () => {
  const world = new World();
  world.drop.put('default/a.dcm', buildDicom({ elements: [patientId('4711')] }));
  breakCalls(world.probe, 'world.loadPatientHasher', 'before');
  await expect(index(world, ['default/a.dcm'])).rejects.toThrow(OutageError);
  expect(await world.instances.count(ID)).toBe(0);
});

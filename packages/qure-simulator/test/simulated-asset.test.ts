import { inflateSync } from 'node:zlib';
import { parseIdentity } from '@qure-dropoff/dicom';
import dicomParser from 'dicom-parser';
import { expect, test } from 'vitest';
import { makeAsset } from '../src/assets/simulated-asset.ts';

const FACTS = { usecase: 'qer', studyInstanceUid: '1.2', uid: '1.2.3', type: 'sc', index: 0 };

test('REQ-SIM-1: the PDF has a valid cross-reference table and says that it is simulated', () => {
  const text = makeAsset({ ...FACTS, type: 'pdf' }).bytes.toString('latin1');
  expect(text).toContain('SIMULATED RESULT, NOT FOR CLINICAL USE');
  const xref = Number(/startxref\n(\d+)\n%%EOF/.exec(text)?.[1]);
  expect(text.slice(xref, xref + 4)).toBe('xref');
  const offsets = [...text.slice(xref).matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]));
  expect(offsets.map((offset) => text.slice(offset, offset + 7))).toEqual(
    [1, 2, 3, 4, 5].map((n) => `${n} 0 obj`),
  );
  const stream = /\/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/.exec(text);
  expect(stream?.[2]?.length).toBe(Number(stream?.[1]));
});

test('the secondary capture is DICOM of the same study, by Qure.ai', () => {
  const [first, second] = [0, 1].map((index) => dicomParser.parseDicom(makeAsset({ ...FACTS, index }).bytes));
  expect(first?.string('x00080016')).toBe('1.2.840.10008.5.1.4.1.1.7');
  expect(first?.string('x00080070')).toBe('Qure.ai');
  expect(first?.string('x0020000d')).toBe('1.2');
  expect(first?.string('x0008103e')).toContain('SIMULATED');
  expect(first?.elements.x7fe00010?.length).toBe(256 * 64);
  expect(first?.string('x0020000e')).toBe(second?.string('x0020000e'));
  expect(first?.string('x00080018')).not.toBe(second?.string('x00080018'));
  expect(first?.string('x00080018')).toBe(first?.string('x00020003'));
  expect(first?.string('x00080018')?.length).toBeLessThanOrEqual(64);
});

test('the thumbnail is a PNG whose rows inflate to the image', () => {
  const { bytes } = makeAsset({ ...FACTS, type: 'sc_thumbnail' });
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([256, 64]);
  const dataAt = bytes.indexOf('IDAT') + 4;
  const rows = inflateSync(bytes.subarray(dataAt, dataAt + bytes.readUInt32BE(dataAt - 8)));
  expect(rows.length).toBe(257 * 64);
  expect(rows.includes(255)).toBe(true);
});

test('REQ-SIM-1: the JSON says that it is simulated', () => {
  expect(JSON.parse(makeAsset({ ...FACTS, type: 'json' }).bytes.toString())).toMatchObject({
    notice: 'SIMULATED RESULT, NOT FOR CLINICAL USE',
    uid: '1.2.3',
  });
});

test.each([
  [undefined, { kind: 'dicom', studyInstanceUid: '1.2' }],
  [
    'patient',
    {
      kind: 'dicom',
      studyInstanceUid: '1.2',
      patient: { patientId: 'SOMEBODY ELSE', name: 'SIMULATED' },
    },
  ],
  ['study', { kind: 'dicom', studyInstanceUid: expect.stringMatching(/^2\.25\.\d+$/) }],
] as const)(
  'the secondary capture names no other study and no patient, unless it is foreign: %s',
  (foreign, expected) => {
    const { bytes } = makeAsset({ ...FACTS, ...(foreign === undefined ? {} : { foreign }) });
    expect(parseIdentity(bytes, true)).toEqual(expected);
  },
);

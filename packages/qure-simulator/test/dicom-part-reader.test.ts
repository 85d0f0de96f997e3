import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DicomPartReader } from '../src/dicom-part-reader.ts';
import { type DicomFileFacts, dicomFile, SYNTAXES } from './dicom-file.ts';

async function read(bytes: Buffer, chunkBytes = 1000) {
  const reader = new DicomPartReader();
  for (let at = 0; at < bytes.length; at += chunkBytes)
    await reader.push(bytes.subarray(at, at + chunkBytes));
  return reader.end();
}

const FACTS: DicomFileFacts = {
  study: '1.2',
  series: '1.2.3',
  sop: '1.2.3.4',
  description: 'AXIAL 5MM',
  pixelBytes: 5000,
};
const HEADER = {
  studyInstanceUid: '1.2',
  seriesInstanceUid: '1.2.3',
  sopInstanceUid: '1.2.3.4',
  modality: 'CT',
  bodyPart: 'HEAD',
  seriesDescription: 'AXIAL 5MM',
};

describe.each(Object.keys(SYNTAXES) as (keyof typeof SYNTAXES)[])('%s', (syntax) => {
  const file = dicomFile({ ...FACTS, syntax });

  test.each([1, 7, 1000, 100_000])('is read in chunks of %i bytes', async (chunkBytes) => {
    const part = await read(file, chunkBytes);
    expect(part.header).toMatchObject(HEADER);
    expect(part.sizeBytes).toBe(file.length);
    expect(part.sha256).toBe(createHash('sha256').update(file).digest('hex'));
  });

  test('with a header longer than the first attempt', async () => {
    const part = await read(dicomFile({ ...FACTS, syntax, privateBytes: 900 * 1024 }), 64 * 1024);
    expect(part.header).toMatchObject(HEADER);
  });

  test.each([1, 20])('cut off %i bytes before the end is refused', async (missing) => {
    const part = await read(file.subarray(0, file.length - missing));
    expect(part.refusal).toMatch(/cut off/);
  });

  test('cut off in the header is refused', async () => {
    expect((await read(file.subarray(0, 190))).refusal).toBeDefined();
  });

  test('without pixel data is whole', async () => {
    expect((await read(dicomFile({ ...FACTS, syntax, hasPixelData: false }))).header).toMatchObject(HEADER);
  });
});

describe('unusual and bad files', () => {
  const explicit = dicomFile(FACTS);
  test.each<[string, Buffer]>([
    ['without the preamble', explicit.subarray(128)],
    ['without preamble and DICM', explicit.subarray(132)],
    ['a bare explicit data set', explicit.subarray(explicit.indexOf(Buffer.from([8, 0, 0x16, 0])))],
    ['a bare big endian data set', bareBigEndian()],
    ['a bare implicit data set', implicitDataSet()],
    ['a private element beyond the header limit', dicomFile({ ...FACTS, privateBytes: 5 * 1024 * 1024 })],
  ])('%s is read', async (_name, file) => {
    expect((await read(file, 64 * 1024)).header).toMatchObject({ ...HEADER, modality: expect.any(String) });
  });

  test.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('hello world, this is no scan')],
    ['zeros', Buffer.alloc(5000)],
    ['a gzip stream', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3])],
    ['a hostile UID', dicomFile({ ...FACTS, series: '../../x?y=1' })],
    ['a UID of 80 digits', dicomFile({ ...FACTS, sop: '1'.repeat(80) })],
    ['no UID', dicomFile({ ...FACTS, study: '' })],
    [
      'corrupt deflated bytes',
      Buffer.concat([dicomFile({ ...FACTS, syntax: 'deflated' }).subarray(0, 200), Buffer.alloc(300, 255)]),
    ],
  ])('%s is refused', async (_name, file) => {
    expect((await read(file)).refusal).toBeDefined();
  });

  function bareBigEndian(): Buffer {
    const file = dicomFile({ ...FACTS, syntax: 'big' });
    return file.subarray(file.indexOf(Buffer.from([0, 8, 0, 0x16])));
  }

  function implicitDataSet(): Buffer {
    const file = dicomFile({ ...FACTS, syntax: 'implicit' });
    return file.subarray(file.indexOf(Buffer.from([8, 0, 0x16, 0])));
  }
});

const SAMPLES = '../shared/dicom-samples';
/** Its pixel data ends early, which the other reader does not look at. */
const CUT_OFF = 'pydicom/test_files/MR_truncated.dcm';
test.runIf(existsSync(`${SAMPLES}/expected.json`))(
  'real files are read as another reader reads them',
  async () => {
    const expected = JSON.parse(readFileSync(`${SAMPLES}/expected.json`, 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    const disagreements: string[] = [];
    for (const name of globSync('**/*', { cwd: SAMPLES })) {
      const other = expected[name];
      if (other === undefined || other.gzip === true) continue;
      const { header } = await read(readFileSync(`${SAMPLES}/${name}`), 64 * 1024);
      const uids = ['studyInstanceUid', 'seriesInstanceUid', 'sopInstanceUid'] as const;
      const hasAllUids = uids.every(
        (uid) => typeof other[uid] === 'string' && /^[0-9.]+$/.test(String(other[uid])),
      );
      const isEqual = header !== undefined && uids.every((uid) => header[uid] === other[uid]);
      if ((hasAllUids && name !== CUT_OFF) !== isEqual) disagreements.push(name);
    }
    expect(disagreements).toEqual([]);
  },
);

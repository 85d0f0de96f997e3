import { constants, gunzipSync } from 'node:zlib';
import { FIRST_READ_BYTES, parseHeader, WANTED_TAGS } from '@qure-dropoff/dicom';
import dicomParser from 'dicom-parser';
import type { Benchmark } from './benchmark.ts';
import { interleave, ratioText, spreadText } from './rounds.ts';
import { type HeaderFile, headerFiles } from './sample-files.ts';

const ROUNDS = 11;
const TURN_MS = 60;
const PIXEL_DATA = 'x7fe00010';
/** As dicom-parser names them. */
const TAGS = [...WANTED_TAGS].map((tag) => `x${tag.toString(16).padStart(8, '0')}`);

/** Reading one header off the first 16 KiB of a file: ours against dicom-parser as its users call it. */
export const headerReading: Benchmark = {
  name: 'headers',
  async run() {
    const rows: string[][] = [];
    for (const file of headerFiles()) rows.push(await compareOn(file));
    return [
      {
        title: 'Header reading: headers a second on one core',
        columns: ['file', 'ours', 'dicom-parser', 'ours ÷ dicom-parser'],
        rows,
        notes: [
          `Both parse the same first 16 KiB and return the text of the same ${WANTED_TAGS.size} attributes; dicom-parser stops at the pixel data (untilTag).`,
          'Our reader also decodes character sets, checks UIDs and detects truncated files.',
          'Deflated and gzip: the pixels are zeros, so the whole stream is within the prefix; gunzipSync unpacks gzip for dicom-parser.',
        ],
      },
    ];
  },
};

async function compareOn({ name, bytes }: HeaderFile): Promise<string[]> {
  const prefix = bytes.subarray(0, FIRST_READ_BYTES);
  const isGzip = prefix[0] === 0x1f;
  const ours = () => {
    const outcome = parseHeader(prefix, bytes.length);
    if (outcome.kind !== 'header') throw new Error(`expected the header of ${name}, got ${outcome.kind}`);
    return outcome.header.sopInstanceUid;
  };
  const theirs = () => {
    const content = isGzip ? gunzipSync(prefix, { finishFlush: constants.Z_SYNC_FLUSH }) : prefix;
    return readWithDicomParser(content).get('x00080018');
  };
  if (ours() !== theirs()) throw new Error(`expected both to read the same UID off ${name}`);
  const rates = await interleave(
    ROUNDS,
    async () => callsPerSecond(ours),
    async () => callsPerSecond(theirs),
  );
  return [name, spreadText(rates.ours), spreadText(rates.baseline), ratioText(rates.ours, rates.baseline)];
}

/** @throws a text, as dicom-parser does, when it cannot read the content */
function readWithDicomParser(content: Uint8Array): Map<string, string | undefined> {
  const dataSet = dicomParser.parseDicom(content, { untilTag: PIXEL_DATA });
  return new Map(TAGS.map((tag) => [tag, dataSet.string(tag)]));
}

function callsPerSecond(call: () => unknown): number {
  const start = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    for (let i = 0; i < 20; i += 1) call();
    calls += 20;
    elapsedMs = performance.now() - start;
  } while (elapsedMs < TURN_MS);
  return (calls * 1000) / elapsedMs;
}

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { buildDicom, type DicomOverrides } from '@qure-dropoff/dicom/testing';
import type { DicomElement } from '@qure-dropoff/dicom/write';
import { describe, expect, test } from 'vitest';
import { jobOf } from '../../../functions/series/job.ts';
import { retry } from '../../../functions/series/retry.ts';
import { newWorld } from '../../support/world/new-world.ts';
import {
  asset,
  brokenAsset,
  receivingQure,
  resultBody,
  resultsAnswer,
} from '../../support/world/qure-answers.ts';
import { SERIES, STUDY, sopUid } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runCompute } from '../delivery/run-compute.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const READY = resultsAnswer(200, resultBody({ sc: ['https://assets.example/sc?sig=1'] }));
const OTHER_STUDY = '1.2.840.9';

const patientId = (value: string): DicomElement => ({ tag: 0x00100020, vr: 'LO', value });
const ANNA = { elements: [patientId('4711')] };

/** A secondary capture of the series, as Qure makes one: a series of its own. */
function capture(overrides: DicomOverrides = {}): Buffer {
  const uids = {
    studyInstanceUid: STUDY,
    seriesInstanceUid: `${SERIES}.77`,
    sopInstanceUid: `${SERIES}.77.1`,
  };
  return buildDicom({ ...uids, modality: 'OT', ...ANNA, ...overrides });
}

/** In pieces, as it comes from the network. */
function assetOf(bytes: Uint8Array, pieceBytes = 1000) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  return { kind: 'asset' as const, stream: Readable.from(pieces, { objectMode: false }) };
}

/** A series of Anna's whose result comes with this asset. */
async function pollWith(bytes: Uint8Array): Promise<World> {
  const world = newWorld();
  const message = await computingSeries(world, { overrides: ANNA });
  world.qure.seriesResults.next(READY);
  world.qure.assets.next(assetOf(bytes));
  await runPoll(world, message);
  return world;
}

const STORED = `${FOLDER}files/sc/0`;
const APART = `${FOLDER}mismatch/sc/0`;

describe('a DICOM file among the assets', () => {
  test.each([
    ['of another study', capture({ studyInstanceUid: OTHER_STUDY })],
    ['of another patient', capture({ elements: [patientId('4712')] })],
    ['of another study, in gzip', gzipSync(capture({ studyInstanceUid: OTHER_STUDY }))],
    [
      'of another study, with a long header',
      capture({ studyInstanceUid: OTHER_STUDY, privateFillerBytes: 1_000_000 }),
    ],
    ['of another study, cut off in its pixels', capture({ studyInstanceUid: OTHER_STUDY }).subarray(0, -100)],
  ])('REQ-ID-2: %s is stored apart, and the series fails without publishing it', async (_what, bytes) => {
    const world = await pollWith(bytes);
    const { reason, detail, resultFiles } = await seriesIn(world, 'FAILED');
    expect({ reason, detail, resultFiles }).toEqual({
      reason: 'asset_mismatch',
      detail: '1 asset(s) are of another study or patient (first: mismatch/sc/0); tell Qure',
      resultFiles: [],
    });
    expect(world.results.objects.get(STORED)).toBeUndefined();
    expect(world.results.objects.get(APART)?.body.equals(bytes)).toBe(true);
    expect(world.events.at(-1)?.detail).toMatchObject({
      reason: 'asset_mismatch',
      resultKeys: [],
    });
    expect(JSON.stringify([world.log, world.events, world.metrics])).not.toMatch(/4711|4712|patientHash/);
  });

  test.each([
    ['of the same study and patient', capture()],
    ['that names no study and no patient', capture({ studyInstanceUid: undefined, elements: [] })],
    ['that names no patient', capture({ elements: [] })],
    ['with a long header', capture({ privateFillerBytes: 3_000_000 })],
    ['whose header is longer than what is read', capture({ privateFillerBytes: 5_000_000 })],
    ['that breaks off before its study', capture().subarray(0, 200)],
  ])('%s is stored as it is', async (_what, bytes) => {
    const world = await pollWith(bytes);
    await seriesIn(world, 'DONE');
    expect(world.results.objects.get(STORED)?.body.equals(bytes)).toBe(true);
    expect(world.results.objects.get(APART)).toBeUndefined();
  });
});

test.each([
  ['a PNG', Buffer.from('89504e470d0a1a0a0000000d', 'hex')],
  ['a PDF', Buffer.from('%PDF-1.7\n')],
  ['nothing', Buffer.alloc(0)],
  [
    'a zip with a file of another study in it',
    Buffer.concat([Buffer.from('PK\x03\x04'), capture({ studyInstanceUid: OTHER_STUDY })]),
  ],
])('a file that is not DICOM is stored: %s', async (_what, bytes) => {
  const world = await pollWith(bytes);
  await seriesIn(world, 'DONE');
  expect(world.results.objects.get(STORED)?.body.equals(bytes)).toBe(true);
});

test('of what came with a file of another patient nothing counts as stored after a retry', async () => {
  const files = { pdf: ['https://assets.example/pdf'], sc: ['https://assets.example/sc'] };
  const world = newWorld();
  const message = await computingSeries(world, { overrides: ANNA, compute: ACCEPTED });
  world.qure.seriesResults.always(resultsAnswer(200, resultBody(files)));
  const foreign = capture({ studyInstanceUid: OTHER_STUDY });
  world.qure.assets.always(({ url }) =>
    url.endsWith('pdf') ? asset('of another patient') : assetOf(foreign),
  );
  await runPoll(world, message);
  const retried = retry(await seriesIn(world, 'FAILED'), {}, world.source, world.clock.instant());
  if (retried.kind === 'refused') throw new Error(retried.why);
  world.series.seed(retried.series);
  world.qure.uploads.always(receivingQure());
  await runCompute(world, { ...jobOf(retried.series), tries: 0 });
  // Qure has mended it; the first download of the report breaks.
  const downloads = [asset('right'), brokenAsset()];
  world.qure.assets.always(({ url }) =>
    url.endsWith('pdf') ? (downloads.pop() ?? brokenAsset()) : assetOf(capture()),
  );
  await runPoll(world, lastOf(world.polls.sent));
  await seriesIn(world, 'COMPUTING');
  await runPoll(world, lastOf(world.polls.sent));
  await seriesIn(world, 'DONE');
  expect(world.results.text(`${FOLDER}files/pdf/0`)).toBe('right');
});

test('REQ-ID-2: compares each asset of an X-ray with its own instance', async () => {
  const world = newWorld();
  const message = await computingSeries(world, { product: 'qXR', count: 1, overrides: ANNA });
  world.qure.instanceResults.next(READY);
  world.qure.assets.next(assetOf(capture({ studyInstanceUid: OTHER_STUDY })));
  await runPoll(world, message);
  expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'asset_mismatch', resultFiles: [] });
  expect(world.results.objects.get(`${FOLDER}mismatch/${sopUid(1)}/sc/0`)).toBeDefined();
});

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { handleLateArrival } from '../../../functions/completion/complete-series.ts';
import type { UploadOutcome } from '../../../functions/qure/client/upload-instances.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { computeAnswer, receipt, receivingQure, refusedFile } from '../../support/world/qure-answers.ts';
import { ID, keyOf, putSlices, slice, sopUid } from '../../support/world/scans.ts';
import { completedSeries, index, lastOf, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';
import { runCompute, sweepLater } from './run-compute.ts';
import { fileNames, ONE_LANE } from './upload-records.ts';

describe('what goes to Qure', () => {
  test('uploads every instance once, byte for byte, then makes one compute call', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 7 });
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(fileNames(world)).toEqual(Array.from({ length: 7 }, (_, at) => `${sopUid(at + 1)}.dcm`));
    const first = world.qure.uploads.calls
      .flatMap(({ files }) => files)
      .find(({ fileName }) => fileName === `${sopUid(1)}.dcm`);
    expect(first).toMatchObject({ hasSize: true });
    expect(first?.body.equals(slice(1))).toBe(true);
    await seriesIn(world, 'COMPUTING');
    expect(world.qure.computes.calls).toMatchObject([{ recompute: false }]);
  });

  test('uploads a gzip object unpacked, without a size', async () => {
    const world = newWorld(ONE_LANE);
    world.drop.put(keyOf(4), gzipSync(slice(4)));
    await index(world, [keyOf(4)]);
    await completedSeries(world);
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    const packed = world.qure.uploads.calls[0]?.files.find(({ fileName }) => fileName === `${sopUid(4)}.dcm`);
    expect(packed?.body.equals(slice(4))).toBe(true);
    expect(packed?.hasSize).toBe(false);
  });

  test('records the SHA-256 of each uploaded file, of a gzip object unpacked', async () => {
    const world = newWorld(ONE_LANE);
    world.drop.put(keyOf(4), gzipSync(slice(4)));
    await index(world, [keyOf(4)]);
    await completedSeries(world);
    world.qure.uploads.always(receivingQure());
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    const { uploadRound } = await seriesIn(world, 'COMPUTING');
    const marks = await world.uploadRecords.of(ID, uploadRound);
    const marked = marks.flatMap(({ registered }) => registered);
    expect(new Map(marked.map(({ sopInstanceUid, sha256 }) => [sopInstanceUid, sha256]))).toEqual(
      new Map([1, 2, 3, 4].map((at) => [sopUid(at), createHash('sha256').update(slice(at)).digest('hex')])),
    );
  });

  test('resumes an interrupted upload with the files that have no record', async () => {
    const world = newWorld(ONE_LANE);
    const message = await completedSeries(world, { count: 40 });
    const qure = receivingQure();
    world.qure.uploads.next(qure, () => {
      throw new Error('the process died');
    });
    await expect(runCompute(world, message)).rejects.toThrow('the message failed');
    world.qure.uploads.always(qure);
    world.qure.uploads.unexpectedCalls.length = 0;
    world.qure.computes.next(computeAnswer(200));
    await sweepLater(world);
    await runCompute(world);
    // 16 marked, 16 lost with the process, 24 left.
    expect(world.qure.uploads.calls.map(({ files }) => files.length)).toEqual([16, 16, 16, 8]);
    await seriesIn(world, 'COMPUTING');
  });

  test('REQ-SENT-1: uploads an instance again that was replaced since its record', async () => {
    const world = newWorld();
    const message = await completedSeries(world);
    world.qure.uploads.always(receipt(1, 3));
    await world.uploadRecords.add(ID, 1, {
      registered: [{ sopInstanceUid: sopUid(1), etag: 'older' }],
      instancesAtQure: 3,
    });
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world, message);
    await runCompute(world);
    expect(fileNames(world)).toHaveLength(3);
    await seriesIn(world, 'COMPUTING');
  });

  test('reports an instance that Qure calls known as possibly the one of an earlier round', async () => {
    const world = newWorld();
    const message = await completedSeries(world);
    const row = await world.series.load(ID);
    if (row === undefined) throw new Error('expected a series');
    world.series.seed({ ...row, uploadRound: 2 });
    const older = { registered: [{ sopInstanceUid: sopUid(1), etag: 'older' }], instancesAtQure: 3 };
    await world.uploadRecords.add(ID, 1, older);
    const known = ['file_0', 'file_1', 'file_2'];
    world.qure.uploads.always({ ...receipt(3, 3), known } as UploadOutcome);
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world, message);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ replacedUnconfirmed: 1 });
  });

  test('uploads nothing with external delivery', async () => {
    const world = newWorld({ sources: [sourceNamed('default', { delivery: 'external' })] });
    await completedSeries(world);
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
  });
});

describe('refusals', () => {
  test('splits a batch until the file that Qure refuses is alone', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 8 });
    const qure = receivingQure();
    world.qure.uploads.always((call) =>
      call.files.some(({ fileName }) => fileName === `${sopUid(6)}.dcm`)
        ? { kind: 'rejected', httpStatus: 400, message: '', verdict: 'Invalid DICOM' }
        : qure(call),
    );
    await runCompute(world);
    expect(world.qure.uploads.calls.map(({ files }) => files.length)).toEqual([8, 4, 4, 2, 1, 1]);
    expect(await seriesIn(world, 'UNSUPPORTED')).toMatchObject({
      reason: 'upload_rejected',
      detail: 'Invalid DICOM',
    });
  });

  test('retries a file that is refused without a reason, and fails as qure_unavailable', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 1 });
    world.qure.uploads.always({ kind: 'rejected', httpStatus: 400, message: 'Bad Request' });
    await runCompute(world);
    expect(lastOf(world.compute.sent)).toMatchObject({ tries: 1 });
    world.clock.advance(86_400);
    await runCompute(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'qure_unavailable',
      detail: expect.stringContaining('http_400'),
    });
  });

  test('splits a batch that is too large for a proxy', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 8 });
    const qure = receivingQure();
    world.qure.uploads.always((call) => (call.files.length > 2 ? { kind: 'too_large' } : qure(call)));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
  });

  const FAILURES: { name: string; outcome: UploadOutcome; reason: string }[] = [
    { name: 'one file too large', outcome: { kind: 'too_large' }, reason: 'not_uploaded' },
    { name: '403', outcome: { kind: 'source_denied' }, reason: 'source_denied' },
    {
      name: 'an object of another size',
      outcome: { kind: 'source_changed', fieldName: 'file_0', expectedBytes: 1, receivedBytes: 2 },
      reason: 'object_missing',
    },
  ];
  test.each(FAILURES)('$name: FAILED $reason', async ({ outcome, reason }) => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    world.qure.uploads.next(outcome);
    await runCompute(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason });
    expect(world.events.at(-1)).toMatchObject({ detailType: 'Series Failed', detail: { reason } });
  });

  test.each<{ name: string; outcome: UploadOutcome; reason: string }>([
    { name: '401', outcome: { kind: 'auth_rejected' }, reason: 'auth_rejected' },
    { name: 'an expired licence', outcome: refusedFile('license_expired'), reason: 'license_expired' },
  ])('$name: the series waits, and nothing is announced', async ({ outcome, reason }) => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    world.qure.uploads.next(outcome);
    await runCompute(world);
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({ heldBack: { reason } });
    expect(world.events.map(({ detailType }) => detailType)).not.toContain('Series Failed');
  });

  test.each([
    { name: 'deleted', change: (world: World) => world.drop.delete(keyOf(1)) },
    { name: 'replaced', change: (world: World) => world.drop.put(keyOf(1), slice(1, { pixels: 64 })) },
  ])('an object that was $name after it was indexed', async ({ change }) => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    change(world);
    await runCompute(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing' });
  });

  describe('a damaged gzip object', () => {
    /** Longer than what the index reads of it, so that its header is found; its pixels do not shrink. */
    const packed = gzipSync(slice(4, { pixels: incompressible(40_000) }));
    /** Its header is found: the damage lies behind. */
    const DAMAGES = [
      { name: 'cut off', bytes: packed.subarray(0, 30_000) },
      {
        name: 'with another byte',
        bytes: Buffer.concat([packed.subarray(0, 30_000), packed.subarray(30_001)]),
      },
      { name: 'with text behind it', bytes: Buffer.concat([packed, Buffer.from('text')]) },
      {
        name: 'that unpacks to more than a scan has',
        bytes: Buffer.concat([packed, gzipSync(Buffer.alloc(20 * 1024 ** 2))]),
      },
    ];

    test.each(DAMAGES)('REQ-DMG-1: $name fails its series at once, and says which', async ({ bytes }) => {
      const world = newWorld(ONE_LANE);
      world.drop.put(keyOf(4), bytes);
      await index(world, [keyOf(4)]);
      await completedSeries(world);
      const sent = world.compute.sent.length;
      world.qure.uploads.always(receivingQure());
      await runCompute(world);
      expect(await seriesIn(world, 'FAILED')).toMatchObject({
        reason: 'damaged_object',
        detail: expect.stringContaining(sopUid(4)),
      });
      expect(world.compute.sent).toHaveLength(sent);
      expect(world.qure.computes.calls).toEqual([]);
    });

    test('is uploaded when it is dropped again', async () => {
      const world = newWorld(ONE_LANE);
      world.drop.put(keyOf(4), packed.subarray(0, 30_000));
      await index(world, [keyOf(4)]);
      await completedSeries(world);
      world.qure.uploads.always(receivingQure());
      world.qure.computes.next(computeAnswer(200));
      await runCompute(world);
      await seriesIn(world, 'FAILED');
      world.drop.put(keyOf(4), packed);
      await index(world, [keyOf(4)]);
      await handleLateArrival(world.deps, ID, world.source, 'marker');
      await runCompute(world);
      expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ generation: 2 });
    });

    test('is reported although another request of the series found Qure unreachable before', async () => {
      const world = newWorld({ sources: [sourceNamed('default', { uploadConcurrency: 4 })] });
      world.drop.put(keyOf(4), packed.subarray(0, 30_000));
      await index(world, [keyOf(4)]);
      await completedSeries(world);
      const unreachable: UploadOutcome = { kind: 'transient', cause: 'http_503' };
      world.qure.uploads.next(receipt(1, 1), unreachable, unreachable);
      await runCompute(world);
      expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'damaged_object' });
    });
  });

  test('retries a bucket that cannot be read', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    breakCalls(world.probe, 'drop.openInstance', 'before');
    await runCompute(world);
    expect(lastOf(world.compute.sent)).toMatchObject({ tries: 1 });
    await seriesIn(world, 'UPLOADING');
  });
});

test('REQ-COMP-1: begins the next generation for an instance that arrives during the upload, and computes nothing', async () => {
  const world = newWorld();
  await completedSeries(world, { count: 1 });
  world.qure.uploads.next(async () => {
    await index(world, putSlices(world, 1, { from: 2 }));
    return receipt(1, 1);
  });
  await runCompute(world);
  expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ generation: 2, ticket: 4 });
  expect(world.completion.sent.at(-1)).toEqual({
    message: { kind: 'quiet', ...ID, ticket: 4 },
    delaySeconds: 60,
  });
});

test('begins the next generation for a set that changed before the upload, and uploads nothing', async () => {
  const world = newWorld();
  await completedSeries(world, { count: 1 });
  await index(world, putSlices(world, 1, { from: 2 }));
  await runCompute(world);
  expect(await seriesIn(world, 'RECEIVING')).toMatchObject({ generation: 2 });
});

/** The same bytes each time. */
function incompressible(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

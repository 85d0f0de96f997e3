import { describe, expect, test } from 'vitest';
import { credentialsFingerprintOf } from '../../../functions/admission/circuit-breaker.ts';
import { dueMinuteOf } from '../../../functions/aws/table/keys.ts';
import type { UploadOutcome } from '../../../functions/qure/client/upload-instances.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { computeAnswer, receipt, receivingQure } from '../../support/world/qure-answers.ts';
import type { UploadCall } from '../../support/world/qure-script.ts';
import { ID, sopUid } from '../../support/world/scans.ts';
import { completedSeries, seriesIn } from '../../support/world/stages.ts';
import { credentialsOf, type World } from '../../support/world/world.ts';
import { runCompute } from './run-compute.ts';
import { fileNames, marked, ONE_LANE } from './upload-records.ts';

describe('the first request of unproven credentials', () => {
  /** How many requests are under way when each one begins. */
  async function requestsAtOnce(world: World, outcome: (call: UploadCall) => UploadOutcome) {
    let underWay = 0;
    const seen: number[] = [];
    world.qure.uploads.always(async (call) => {
      underWay += 1;
      seen.push(underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      return outcome(call);
    });
    await runCompute(world);
    return seen;
  }

  test('goes alone, the others concurrently', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 20 });
    world.qure.computes.next(computeAnswer(200));
    expect(await requestsAtOnce(world, receivingQure())).toEqual([1, 1, 2, 3, 4]);
    await seriesIn(world, 'COMPUTING');
  });

  test('with proven ones all go at once', async () => {
    const world = newWorld();
    world.verifiedCredentials.add(credentialsFingerprintOf(credentialsOf('default')));
    await completedSeries(world, { count: 20 });
    world.qure.computes.next(computeAnswer(200));
    expect(await requestsAtOnce(world, receivingQure())).toEqual([1, 2, 3, 4, 5]);
  });

  test('is the only one if Qure refuses it', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 20 });
    expect(await requestsAtOnce(world, () => ({ kind: 'auth_rejected' }))).toEqual([1]);
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({ heldBack: { reason: 'auth_rejected' } });
  });

  test('that is split when Qure refuses it as a whole leaves its halves to the others', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 4 });
    const qure = receivingQure();
    world.qure.uploads.always((call) => (call.files.length > 2 ? { kind: 'too_large' } : qure(call)));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(world.qure.uploads.calls.map(({ files }) => files.length)).toEqual([4, 2, 2]);
  });
});

test('writes a heartbeat at the beginning of a long upload and every half minute', async () => {
  const world = newWorld(ONE_LANE);
  await completedSeries(world, { count: 96 });
  const qure = receivingQure();
  world.qure.uploads.always((call) => {
    world.clock.advance(20);
    return qure(call);
  });
  world.qure.computes.next(computeAnswer(200));
  const shownAt: string[] = [];
  world.probe.before = ({ name, args }) => {
    if (name !== 'series.heartbeat') return;
    shownAt.push(world.clock.instant().slice(14, 19));
    expect(String(args[1]) > addSeconds(world.clock.instant(), 120)).toBe(true);
  };
  await runCompute(world);
  expect(shownAt).toEqual(['00:00', '00:40', '01:20', '02:00']);
});

test('writes no heartbeat if nothing has to be sent', async () => {
  const world = newWorld();
  await completedSeries(world);
  await world.uploadRecords.add(ID, 1, marked(3, 3));
  world.qure.computes.next(computeAnswer(200));
  const called: string[] = [];
  world.probe.before = ({ name }) => {
    called.push(name);
  };
  await runCompute(world);
  expect(called).not.toContain('series.heartbeat');
});

describe('time', () => {
  test('hands over to the next run at once when the time is up, with the same tries', async () => {
    const world = newWorld(ONE_LANE);
    const message = await completedSeries(world, { count: 20 });
    world.qure.uploads.next((call) => {
      world.remainingMs = 50_000;
      return receipt(call.files.length, 16);
    });
    await runCompute(world, { ...message, tries: 2 });
    const next = { ...message, ticket: message.ticket + 2, tries: 2 };
    expect(world.compute.sent.at(-1)).toEqual({ message: next, delaySeconds: 0 });
    world.remainingMs = 900_000;
    world.qure.uploads.next(receipt(4, 20));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
  });

  test('is uploaded to its end where its source leaves that to another system in the meantime', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 20 });
    const qure = receivingQure();
    world.qure.uploads.always((call) => {
      world.remainingMs = 50_000;
      return qure(call);
    });
    await runCompute(world);
    world.remainingMs = 900_000;
    world.sources = [{ ...world.source, delivery: 'external' }];
    world.qure.uploads.always(qure);
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    await seriesIn(world, 'COMPUTING');
    expect(world.qure.uploads.calls.map(({ files }) => files.length)).toEqual([16, 4]);
  });

  const TRANSIENT: { name: string; outcome: UploadOutcome; tries: number; delaySeconds: number }[] = [
    { name: 'first failure', outcome: { kind: 'transient', cause: 'http_503' }, tries: 0, delaySeconds: 1 },
    {
      name: 'fifth failure',
      outcome: { kind: 'transient', cause: 'ECONNRESET' },
      tries: 4,
      delaySeconds: 12,
    },
    {
      name: 'at the cap',
      outcome: { kind: 'unexpected', httpStatus: 418, message: '' },
      tries: 30,
      delaySeconds: 90,
    },
    {
      name: 'Retry-After',
      outcome: { kind: 'transient', cause: 'http_429', retryAfterMs: 300_000 },
      tries: 0,
      delaySeconds: 301,
    },
    {
      name: 'a secret that cannot be used',
      outcome: { kind: 'misconfigured', detail: 'no URL' },
      tries: 0,
      delaySeconds: 1,
    },
  ];
  test.each(TRANSIENT)('$name waits $delaySeconds s', async ({ outcome, tries, delaySeconds }) => {
    const world = newWorld();
    const message = await completedSeries(world, { count: 1 });
    world.qure.uploads.next(outcome);
    await runCompute(world, { ...message, tries });
    const next = { ...message, ticket: message.ticket + 2, tries: tries + 1 };
    expect(world.compute.sent.at(-1)).toEqual({ message: next, delaySeconds });
    const dueAt = dueMinuteOf(addSeconds(world.clock.instant(), delaySeconds + 120));
    expect((await seriesIn(world, 'UPLOADING')).dueAt).toBe(dueAt);
  });

  test('REQ-FINAL-1: fails at the deadline; the time in the queue does not count', async () => {
    const world = newWorld();
    await completedSeries(world, { count: 1 });
    world.clock.advance(7200);
    world.qure.uploads.always({ kind: 'transient', cause: 'http_503' });
    await runCompute(world);
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({
      deliveryDeadline: '2026-03-01T11:00:00.000Z',
    });
    world.clock.advance(3600);
    // Once more for each of the four tries that Qure always has.
    for (let tries = 2; tries < 4; tries += 1) await runCompute(world);
    await seriesIn(world, 'UPLOADING');
    await runCompute(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'qure_unavailable' });
  });
});

test('a stale run uploads nothing more', async () => {
  const world = newWorld(ONE_LANE);
  await completedSeries(world, { count: 40 });
  const qure = receivingQure();
  world.qure.uploads.always(async (call) => {
    // Somebody else takes the series on while the first request is answered.
    const row = await seriesIn(world, 'UPLOADING');
    world.series.seed({ ...row, ticket: row.ticket + 2 });
    return qure(call);
  });
  await runCompute(world);
  expect(world.qure.uploads.calls).toHaveLength(1);
  expect(world.qure.computes.calls).toEqual([]);
});

test('a run whose receipt is behind leaves the series to the run that has claimed it', async () => {
  const world = newWorld(ONE_LANE);
  await completedSeries(world, { count: 3 });
  world.qure.uploads.next(async ({ files }) => {
    const row = await seriesIn(world, 'UPLOADING');
    world.series.seed({ ...row, ticket: row.ticket + 1 });
    return receipt(files.length, 2);
  });
  await runCompute(world);
  expect(await seriesIn(world, 'UPLOADING')).toMatchObject({ restarts: 0 });
});

describe('another content of what has a mark in this round', () => {
  const older = { sopInstanceUid: sopUid(1), etag: 'older' };
  test.each([
    ['was registered', { registered: [older] }],
    ['may have come to Qure', { registered: [], sent: [older] }],
  ])('that %s begins the next round: everything goes again', async (_name, mark) => {
    const world = newWorld(ONE_LANE);
    const { ticket } = await completedSeries(world, { count: 3 });
    await world.uploadRecords.add(ID, 1, marked(3, 3));
    await world.uploadRecords.add(ID, 1, mark);
    await runCompute(world);
    expect(fileNames(world)).toEqual([]);
    expect(world.compute.sent.at(-1)).toMatchObject({ message: { ticket: ticket + 2 }, delaySeconds: 0 });
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({ uploadRound: 2, restarts: 0 });
    const [first] = marked(1, 1).registered;
    expect(await world.uploadRecords.of(ID, 2)).toEqual([{ registered: [], sent: [first] }]);
    world.qure.uploads.next(receipt(3, 3));
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(fileNames(world)).toHaveLength(3);
    await seriesIn(world, 'COMPUTING');
  });

  test('that was lost with its run is reported all the same when the first content comes back', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 3 });
    const [row] = world.series.all();
    if (row === undefined) throw new Error('expected a series');
    world.series.seed({ ...row, uploadRound: 2 });
    await world.uploadRecords.add(ID, 1, marked(3, 3));
    await world.uploadRecords.add(ID, 2, { registered: [], sent: [older] });
    await runCompute(world);
    const known = ['file_0', 'file_1', 'file_2'];
    world.qure.uploads.next({ ...receipt(3, 3), known } as UploadOutcome);
    world.qure.computes.next(computeAnswer(200));
    await runCompute(world);
    expect(await seriesIn(world, 'COMPUTING')).toMatchObject({ uploadRound: 3, replacedUnconfirmed: 1 });
  });

  test('begins no round of a series that another run has continued', async () => {
    const world = newWorld(ONE_LANE);
    await completedSeries(world, { count: 3 });
    await world.uploadRecords.add(ID, 1, { registered: [older] });
    world.probe.after = async ({ name }) => {
      if (name !== 'uploadRecords.add') return;
      delete world.probe.after;
      const current = await seriesIn(world, 'UPLOADING');
      world.series.seed({ ...current, ticket: current.ticket + 1 });
    };
    const before = world.compute.sent.length;
    await runCompute(world);
    expect(world.compute.sent).toHaveLength(before);
    expect(await seriesIn(world, 'UPLOADING')).toMatchObject({ uploadRound: 1 });
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { createDeadLetterBox, createDeadLetterSink } from '../../../functions/aws/dead-letters.ts';
import type { DeadLetterNote } from '../../../functions/recovery/dead-letters/dead-letter.ts';
import { redriveDeadLetters } from '../../../functions/recovery/dead-letters/dead-letter-walk.ts';
import type { SimulatedQueue } from '../../services/queue/simulated-queue.ts';
import { SimulatedQueues } from '../../services/queue/simulated-queues.ts';
import { clientOf, directWire } from '../../services/wire.ts';

const NOW = Date.parse('2026-03-01T09:00:00.000Z');
const OF_MESSAGE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
const OF_RUN = 'Root=1-00000000-000000000000000000000001;Sampled=0';
const LINEAGE = 'Lineage=1:6a1b2c3d:4';
const NOTE: DeadLetterNote = {
  stage: 'jobs',
  cause: 'throttled',
  failedAt: '2026-03-01T08:00:00.000Z',
  receives: 2,
  messageId: 'the-first-id',
};
const WALK = { clock: () => new Date(NOW), endsAtMs: NOW + 10_000 };
const ALL = { limit: 1000, before: new Date(NOW).toISOString() };

let jobs: SimulatedQueue;
let dead: SimulatedQueue;
/** Entries of each batch that SQS does not take. */
let failedEntries: number[] = [];
let traceOfRun: string | undefined;
let sink: ReturnType<typeof createDeadLetterSink>;
let box: ReturnType<typeof createDeadLetterBox>;
beforeEach(() => {
  const queues = new SimulatedQueues();
  const common = { now: () => NOW, random: () => 0 };
  const redrive = { deadLetterQueue: 'dead', maxReceiveCount: 2 };
  dead = queues.create({ name: 'dead', ...common });
  jobs = queues.create({ name: 'jobs', ...common, redrive, failedEntries: () => failedEntries });
  const told = {
    stage: 'jobs',
    queueArn: 'arn:jobs',
    queueUrl: queues.urlOf('jobs'),
    deadLetterUrl: queues.urlOf('dead'),
    maxReceives: 2,
  };
  const sqs = clientOf(queues, directWire);
  sink = createDeadLetterSink(sqs, [told], () => traceOfRun);
  box = createDeadLetterBox(sqs, [told], () => traceOfRun);
  failedEntries = [];
  traceOfRun = undefined;
});
const give = (body: string, note: Partial<DeadLetterNote> = {}) =>
  sink.send('arn:jobs', body, { ...NOTE, ...note });

describe('a dead letter', () => {
  test('has the stage, cause, time and receives as attributes', async () => {
    await give('{"a":1}', { groupId: 'siteA' });
    const { stage: _stage, ...known } = NOTE;
    expect(await box.receive('jobs', 30)).toEqual([
      { ...known, body: '{"a":1}', groupId: 'siteA', receipt: expect.any(String), sentAt: ALL.before },
    ]);
  });

  test('has the cause unknown if SQS moved it', async () => {
    const messageId = jobs.send('moved');
    for (let receives = 0; receives < 3; receives += 1) jobs.receive(1, 0);
    expect(await box.receive('jobs', 30)).toEqual([
      { messageId, receipt: expect.any(String), body: 'moved', cause: 'unknown', sentAt: ALL.before },
    ]);
  });

  test('is redriven like a new message: without a cause, in its group, with all its receives', async () => {
    await give('again', { groupId: 'siteA' });
    expect(await redriveDeadLetters(box, ALL, WALK)).toEqual({ moved: 1, refused: 0, isComplete: true });
    expect(jobs.receive(1)).toMatchObject([
      { body: 'again', groupId: 'siteA', receiveCount: 1, attributes: {} },
    ]);
  });

  test('stays if the queue accepts only a part of the batch', async () => {
    await give('sound');
    await give('refused');
    failedEntries = [1];
    expect(await redriveDeadLetters(box, ALL, WALK)).toEqual({ moved: 1, refused: 1, isComplete: false });
    expect(jobs.messages()).toMatchObject([{ body: 'sound' }]);
    expect(await box.receive('jobs', 30)).toMatchObject([{ body: 'refused' }]);
  });

  test('is sent in another batch if it is too large for one with others', async () => {
    for (let at = 0; at < 4; at += 1) await give(`${at}`.repeat(100 * 1024));
    expect(await redriveDeadLetters(box, ALL, WALK)).toMatchObject({ moved: 4, isComplete: true });
    expect([jobs.counts().visible, dead.counts().visible]).toEqual([4, 0]);
  });
});

describe('the trace of a dead letter', () => {
  test.each([
    ['that of the message', OF_MESSAGE, OF_RUN, OF_MESSAGE],
    ['without what counts loops', `${OF_MESSAGE};${LINEAGE}`, OF_RUN, OF_MESSAGE],
    ['that of the run, where the message has none', undefined, OF_RUN, OF_RUN],
    ['that of the run, where that of the message is malformed', 'Root=x', OF_RUN, OF_RUN],
    ['none', undefined, undefined, undefined],
  ])('is %s', async (_name, traceHeader, ofRun, expected) => {
    traceOfRun = ofRun;
    await give('{}', traceHeader === undefined ? {} : { traceHeader });
    expect(dead.receive(1)[0]?.traceHeader).toBe(expected);
  });

  test('is redriven with it; a letter without a trace gets the trace of the redrive', async () => {
    await give('traced', { traceHeader: OF_MESSAGE });
    await give('bare');
    traceOfRun = OF_RUN;
    await redriveDeadLetters(box, ALL, WALK);
    const traces = new Map(jobs.receive(10).map(({ body, traceHeader }) => [body, traceHeader]));
    expect(traces).toEqual(
      new Map([
        ['traced', OF_MESSAGE],
        ['bare', OF_RUN],
      ]),
    );
  });
});

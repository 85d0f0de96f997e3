import { describe, expect, test } from 'vitest';
import { answerFailures } from '../../../../functions/aws/lambda/batch-failures.ts';
import { createHandler as compute } from '../../../../functions/handlers/compute/handler.ts';
import { createHandler as indexInstances } from '../../../../functions/handlers/index-instances/handler.ts';
import type { DeadLetterCause } from '../../../../functions/shared/dead-letter-cause.ts';
import { s3Event } from '../../../support/s3-event.ts';
import { lambdaContext, sqsEvent } from '../../../support/world/delivery.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { breakCalls } from '../../../support/world/port-calls.ts';
import { ID, keyOf, putSlices } from '../../../support/world/scans.ts';
import type { World } from '../../../support/world/world.ts';

const BODY = JSON.stringify({ ...ID, ticket: 1 });

/** A world whose functions are told of the queue that every event of `sqsEvent` comes from. */
function toldWorld(stage = 'compute'): World {
  const world = newWorld();
  world.deadLetters.tellOf(stage, 5);
  return world;
}

const failing = (cause: DeadLetterCause) => new Map([['message-1', cause]]);
const again = { batchItemFailures: [{ itemIdentifier: 'message-1' }] };
const acknowledged = { batchItemFailures: [] };

describe('a message that failed', () => {
  test('stays in its queue before its last receive', async () => {
    const world = toldWorld();
    const event = sqsEvent([BODY], [], 4);
    expect(await answerFailures(event, failing('throttled'), world.deps)).toEqual(again);
    expect(await world.deadLetters.all()).toEqual([]);
  });

  test('is sent to the dead letters with its cause at its last receive, then acknowledged', async () => {
    const world = toldWorld();
    const event = sqsEvent([BODY, BODY], [], 5);
    expect(await answerFailures(event, failing('throttled'), world.deps)).toEqual(acknowledged);
    expect(await world.deadLetters.all()).toMatchObject([
      {
        stage: 'compute',
        body: BODY,
        cause: 'throttled',
        receives: 5,
        messageId: 'message-1',
        failedAt: world.clock.instant(),
      },
    ]);
  });

  test('keeps its trace, and is logged with its series', async () => {
    const world = toldWorld();
    const event = sqsEvent([BODY], [], 5);
    const AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    for (const { attributes } of event.Records) Object.assign(attributes, { AWSTraceHeader });
    await answerFailures(event, failing('throttled'), world.deps);
    expect(await world.deadLetters.all()).toMatchObject([{ traceHeader: AWSTraceHeader }]);
    expect(world.log).toMatchObject([{ fields: { ...ID, messageId: 'message-1', cause: 'throttled' } }]);
  });

  test('is left to SQS if it cannot be sent', async () => {
    const world = toldWorld();
    breakCalls(world.probe, 'deadLetters.send', 'before');
    const event = sqsEvent([BODY], [], 5);
    expect(await answerFailures(event, failing('throttled'), world.deps)).toEqual(again);
    expect(await world.deadLetters.all()).toEqual([]);
  });

  test('is sent twice at worst if the answer to its sending is lost', async () => {
    const world = toldWorld();
    breakCalls(world.probe, 'deadLetters.send', 'after');
    const event = sqsEvent([BODY], [], 5);
    expect(await answerFailures(event, failing('throttled'), world.deps)).toEqual(again);
    expect(await answerFailures(event, failing('throttled'), world.deps)).toEqual(acknowledged);
    expect(await world.deadLetters.all()).toHaveLength(2);
  });

  test('is left to SQS if its queue is not in the environment of the function', async () => {
    const world = newWorld();
    const event = sqsEvent([BODY], [], 99);
    expect(await answerFailures(event, failing('malformed_message'), world.deps)).toEqual(again);
  });
});

describe('the cause', () => {
  test('is unknown_source for a source that was removed', async () => {
    const world = toldWorld();
    world.sources = [];
    expect(await compute(world.deps)(sqsEvent([BODY], [], 5), lambdaContext(world))).toEqual(acknowledged);
    expect(await world.deadLetters.all()).toMatchObject([{ cause: 'unknown_source' }]);
  });

  test('is malformed_message for an invalid body, at its first receive', async () => {
    const world = toldWorld();
    expect(await compute(world.deps)(sqsEvent(['{}']), lambdaContext(world))).toEqual(acknowledged);
    expect(await world.deadLetters.all()).toMatchObject([{ cause: 'malformed_message', receives: 1 }]);
  });

  test.each<{ name: string; receives: number; arrange(world: World): string; cause: DeadLetterCause }>([
    { name: 'no S3 event', receives: 1, arrange: () => '{"a":1}', cause: 'not_s3_event' },
    {
      name: 'an object of a source whose parameter has mistakes',
      receives: 5,
      arrange(world) {
        world.misconfiguredPrefixes = ['second/'];
        return s3Event('second/a.dcm');
      },
      cause: 'misconfigured_source',
    },
    {
      name: 'an object that cannot be read',
      receives: 5,
      arrange(world) {
        const [key = ''] = putSlices(world, 1);
        world.probe.before = ({ name }) => {
          if (name === 'drop.readRange') throw Object.assign(new Error('no'), { name: 'AccessDenied' });
        };
        return s3Event(key);
      },
      cause: 'access_denied',
    },
    {
      name: 'a table that cannot be written',
      receives: 5,
      arrange(world) {
        const [key = ''] = putSlices(world, 1);
        world.probe.before = ({ name }) => {
          if (name === 'instances.put') throw Object.assign(new Error('no'), { name: 'ThrottlingException' });
        };
        return s3Event(key);
      },
      cause: 'throttled',
    },
    {
      name: 'a quarantine that cannot be announced',
      receives: 5,
      arrange(world) {
        world.drop.put(keyOf(1), Buffer.from('no scan'));
        world.probe.before = ({ name }) => {
          if (name === 'world.publish') throw Object.assign(new Error('no'), { name: 'EventsRefusedError' });
        };
        return s3Event(keyOf(1));
      },
      cause: 'events_unavailable',
    },
    {
      name: 'sources that cannot be loaded',
      receives: 5,
      arrange(world) {
        world.probe.before = ({ name }) => {
          if (name === 'world.loadSources') throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
        };
        return s3Event(keyOf(1));
      },
      cause: 'network',
    },
  ])('the index: $name', async ({ receives, arrange, cause }) => {
    const world = toldWorld('ingest');
    const body = arrange(world);
    expect(await indexInstances(world.deps)(sqsEvent([body], [], receives))).toEqual(acknowledged);
    expect(await world.deadLetters.all()).toMatchObject([{ stage: 'ingest', body, cause, receives }]);
  });

  test('moves only the failed message of a batch to the dead letters', async () => {
    const world = toldWorld('ingest');
    const [key = ''] = putSlices(world, 1);
    const answer = await indexInstances(world.deps)(sqsEvent(['rubbish', s3Event(key)], [], 1));
    expect(answer).toEqual(acknowledged);
    expect(await world.deadLetters.all()).toMatchObject([{ messageId: 'message-1', cause: 'not_s3_event' }]);
    expect(world.instances.all()).toHaveLength(1);
  });
});

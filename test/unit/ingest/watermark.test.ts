import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/index-instances/handler.ts';
import { createWatermarkKeeper, handledUpTo, watermarkOf } from '../../../functions/ingest/watermark.ts';
import type { DeadLetterCause } from '../../../functions/shared/dead-letter-cause.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { s3Event } from '../../support/s3-event.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { putSlices } from '../../support/world/scans.ts';
import { START, type World } from '../../support/world/world.ts';

const ago = (seconds: number) => addSeconds(START, -seconds);

interface Sent {
  secondsAgo: number;
  receives?: number;
  fails?: DeadLetterCause;
}

function delivery({ secondsAgo, receives = 1 }: Sent, at: number) {
  const attributes = {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(Date.parse(ago(secondsAgo))),
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
  };
  return { messageId: `m${at}`, attributes };
}

it.each<[string, Sent[], number | undefined]>([
  ['the oldest event counts', [{ secondsAgo: 2 }, { secondsAgo: 30 }, { secondsAgo: 3 }], 30],
  ['a redelivery says nothing', [{ secondsAgo: 2 }, { secondsAgo: 300, receives: 2 }], 2],
  ['redeliveries alone', [{ secondsAgo: 300, receives: 2 }], undefined],
  [
    'AWS refused one: others may have failed too',
    [{ secondsAgo: 2 }, { secondsAgo: 3, fails: 'throttled' }],
    undefined,
  ],
  [
    'a redelivery failed again',
    [{ secondsAgo: 2 }, { secondsAgo: 300, receives: 2, fails: 'access_denied' }],
    2,
  ],
  ['not even an event of S3', [{ secondsAgo: 2 }, { secondsAgo: 3, fails: 'not_s3_event' }], 3],
  [
    'a source with mistakes: its newer events may wait behind this one',
    [{ secondsAgo: 2 }, { secondsAgo: 3, fails: 'misconfigured_source' }],
    3,
  ],
  ['nothing but such events', [{ secondsAgo: 3, fails: 'misconfigured_source' }], undefined],
  ['the clock of SQS is ahead', [{ secondsAgo: -5 }], 0],
  ['no time', [{ secondsAgo: Number.NaN }], undefined],
])('watermarkOf: %s', (_name, sent, expected) => {
  const isReadable = (one: Sent) => !Number.isNaN(one.secondsAgo);
  const deliveries = sent.map((one, at) =>
    isReadable(one)
      ? delivery(one, at)
      : {
          ...delivery({ secondsAgo: 0 }, at),
          attributes: { ...delivery({ secondsAgo: 0 }, at).attributes, SentTimestamp: 'soon' },
        },
  );
  const failures = new Map(
    sent.flatMap(({ fails }, at): [string, DeadLetterCause][] =>
      fails === undefined ? [] : [[`m${at}`, fails]],
    ),
  );
  expect(watermarkOf(deliveries, failures, START)).toBe(expected === undefined ? undefined : ago(expected));
});

describe('handledUpTo', () => {
  it.each<[string, number, string | undefined, string | undefined]>([
    ['nothing waits', 0, ago(900), START],
    ['an event waits', 1, ago(30), ago(30)],
    ['an event waits, and there is no watermark', 1, undefined, undefined],
  ])('%s', async (_name, waiting, stored, expected) => {
    const progress = {
      countWaitingDrops: async () => waiting,
      watermark: { load: async () => stored, save: async () => undefined },
    };
    expect(await handledUpTo(progress, START)).toBe(expected);
  });
});

describe('the store', () => {
  it('keeps the lowest watermark for five seconds', async () => {
    const { watermark } = newWorld();
    expect(await watermark.load()).toBeUndefined();
    await watermark.save(ago(10), START);
    await watermark.save(ago(2), addSeconds(START, 1));
    expect(await watermark.load()).toBe(ago(10));
    await watermark.save(ago(60), addSeconds(START, 2));
    expect(await watermark.load()).toBe(ago(60));
    await watermark.save(ago(2), addSeconds(START, 6.9));
    expect(await watermark.load()).toBe(ago(60));
    await watermark.save(ago(2), addSeconds(START, 7));
    expect(await watermark.load()).toBe(ago(2));
  });
});

/** An S3 event that SQS has had for so long. */
function eventOf(world: World, key: string, secondsAgo: number): SQSEvent {
  const event = sqsEvent([s3Event(key)]);
  const sentAt = String(world.clock.nowMs() - secondsAgo * 1000);
  for (const { attributes } of event.Records) attributes.SentTimestamp = sentAt;
  return event;
}

describe('the indexer', () => {
  test('saves the lowest watermark of its batches, at most every five seconds', async () => {
    const world = newWorld();
    const handler = createHandler(world.deps);
    const keys = putSlices(world, 3);
    let saves = 0;
    world.probe.before = ({ name }) => {
      if (name === 'watermark.save') saves += 1;
    };
    for (const key of keys) {
      await handler(eventOf(world, key, 20));
      world.clock.advance(4);
    }
    expect([saves, await world.watermark.load()]).toEqual([2, addSeconds(START, 4 - 20)]);
  });

  test('indexes also while the watermark cannot be saved', async () => {
    const world = newWorld();
    breakCalls(world.probe, 'watermark.save', 'before');
    const [key = ''] = putSlices(world, 1);
    expect(await createHandler(world.deps)(eventOf(world, key, 20))).toEqual({ batchItemFailures: [] });
    expect(world.instances.all()).toHaveLength(1);
    expect(world.log).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'watermark not saved' }),
    );
  });
});

test('the lowest watermark of all batches since the last one is saved', async () => {
  const world = newWorld();
  const saved: string[] = [];
  const watermark = { load: async () => undefined, save: async (own: string) => void saved.push(own) };
  const keep = createWatermarkKeeper({ ...world.deps, watermark });
  await keep([delivery({ secondsAgo: 2 }, 1)], new Map());
  world.clock.advance(1);
  await keep([delivery({ secondsAgo: 40 }, 2)], new Map());
  world.clock.advance(5);
  await keep([delivery({ secondsAgo: 1 }, 3)], new Map());
  world.clock.advance(5);
  await keep([delivery({ secondsAgo: 0 }, 4)], new Map());
  expect(saved).toEqual([ago(2), ago(40), ago(0)]);
});

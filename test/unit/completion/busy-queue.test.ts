import { expect, test } from 'vitest';
import { createHandler as checkCompletion } from '../../../functions/handlers/check-completion/handler.ts';
import { createHandler as indexInstances } from '../../../functions/handlers/index-instances/handler.ts';
import { SimulatedQueue } from '../../services/queue/simulated-queue.ts';
import { s3Event } from '../../support/s3-event.ts';
import { sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, keyOf, putSlices, slice } from '../../support/world/scans.ts';
import { index } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';

/** A numerical recipe (Knuth's MMIX): the same order on each machine. */
function seeded(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 11n) / 2 ** 53;
  };
}

/** The ingest queue, the indexer and the checker, a second at a time. */
class BusyPipeline {
  readonly world: World = newWorld();
  readonly ingest: SimulatedQueue;
  readonly #index = indexInstances(this.world.deps);
  readonly #check = checkCompletion(this.world.deps);
  checks = 0;

  constructor(random: () => number) {
    const now = this.world.clock.nowMs;
    this.ingest = new SimulatedQueue(
      { name: 'ingest', now, random, visibilityTimeoutSeconds: 90 },
      undefined,
    );
  }

  drop(key: string, bytes: Buffer): void {
    this.world.drop.put(key, bytes);
    this.ingest.send(s3Event(key));
  }

  /** One run of the indexer. */
  async indexBatch(size: number): Promise<void> {
    const received = this.ingest.receive(size);
    if (received.length === 0) return;
    const event = sqsEvent(
      received.map(({ body }) => body),
      received.map(({ id }) => id),
    );
    for (const [at, record] of event.Records.entries())
      record.attributes.SentTimestamp = String(received[at]?.sentAtMs);
    await this.#index(event);
    for (const { receiptHandle } of received) this.ingest.delete(receiptHandle);
  }

  /** One second: the checks that are due. */
  async pass(): Promise<void> {
    this.world.clock.advance(1);
    this.world.waitingDrops = this.ingest.counts().visible;
    for (const { body, receiptHandle } of this.world.completion.waiting.receive(10)) {
      if (body.includes(`"${ID.seriesInstanceUid}"`)) this.checks += 1;
      await this.#check(sqsEvent([body]));
      this.world.completion.waiting.delete(receiptHandle);
    }
  }
}

const NOISE = '1.2.840.9';

test('600 events that are being worked on delay no series', async () => {
  const pipeline = new BusyPipeline(() => 0);
  const { world, ingest } = pipeline;
  await index(world, putSlices(world, 3));
  const startedMs = world.clock.nowMs();
  while (world.compute.sent.length === 0) {
    // The runs take what comes, and are always at work on 600.
    for (const { receiptHandle } of ingest.receive(600)) ingest.delete(receiptHandle);
    for (let at = 0; at < 600; at += 1) ingest.send('noise');
    ingest.receive(600);
    await pipeline.pass();
  }
  expect((world.clock.nowMs() - startedMs) / 1000).toBe(60);
  expect(await world.series.load(ID)).toMatchObject({ evidence: 'quiet', instances: 3 });
});

test('a queue that is never empty, and two seconds old, delays a series by seconds', async () => {
  const pipeline = new BusyPipeline(() => 0);
  const { world } = pipeline;
  let number = 0;
  const noise = () => {
    for (let at = 0; at < 3; at += 1) {
      number += 1;
      pipeline.drop(keyOf(number, 'default/noise'), slice(number, { seriesInstanceUid: NOISE }));
    }
  };
  noise();
  noise();
  await index(world, putSlices(world, 3));
  const startedMs = world.clock.nowMs();
  while (!world.compute.sent.some(({ message }) => message.seriesInstanceUid === ID.seriesInstanceUid)) {
    noise();
    await pipeline.indexBatch(3);
    await pipeline.pass();
  }
  expect((world.clock.nowMs() - startedMs) / 1000).toBeLessThanOrEqual(75);
  expect(pipeline.checks).toBeLessThanOrEqual(4);
  expect(await world.series.load(ID)).toMatchObject({ evidence: 'quiet', instances: 3 });
});

/**
 * The indexer does not run for ten minutes; then it takes twice as much as comes, in large batches, as Lambda does in a backlog.
 * Out of order, the oldest of a batch tells how old the queue is.
 */
test.each([
  { order: 'in order', random: () => () => 0 },
  { order: 'in any order', random: () => seeded(7) },
])('a backlog of ten minutes splits no series: $order', async ({ random }) => {
  const pipeline = new BusyPipeline(random());
  const { world } = pipeline;
  const dropOwn = (from: number) => {
    for (let at = from; at < from + 3; at += 1) pipeline.drop(keyOf(at), slice(at));
  };
  const isDone = () =>
    world.compute.sent.some(({ message }) => message.seriesInstanceUid === ID.seriesInstanceUid);
  for (let second = 0; second < 3600 && !isDone(); second += 1) {
    // The second half comes within the quiet period of the first one.
    if (second === 0) dropOwn(1);
    if (second === 1) await pipeline.indexBatch(3);
    if (second === 45) dropOwn(4);
    pipeline.drop(keyOf(second, 'default/noise'), slice(second + 1, { seriesInstanceUid: NOISE }));
    if (second >= 600 && second % 20 === 0) await pipeline.indexBatch(50);
    await pipeline.pass();
  }
  expect(await world.series.load(ID)).toMatchObject({ state: 'COMPLETE', generation: 1, instances: 6 });
});

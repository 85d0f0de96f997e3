import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHandler as createCompletionHandler } from '../../functions/handlers/check-completion/handler.ts';
import { createHandler as createComputeHandler } from '../../functions/handlers/compute/handler.ts';
import { createHandler as createIndexHandler } from '../../functions/handlers/index-instances/handler.ts';
import { createHandler as createPollHandler } from '../../functions/handlers/poll-results/handler.ts';
import { pollDelaySeconds } from '../../functions/qure/qure-waits.ts';
import { completionMessage, computeMessage, resultsMessage } from '../../functions/series/messages.ts';
import { lambdaContext } from '../support/world/delivery.ts';
import { World } from '../support/world/world.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const NAMES = [
  'kind',
  'source',
  'seriesInstanceUid',
  'ticket',
  'markerId',
  'tries',
  'polls',
  'failures',
  'assetTries',
];
const values = fc.constantFrom(
  'quiet',
  'late',
  'marker',
  'default',
  '1.2.3',
  '../x',
  1,
  0,
  -1,
  2 ** 53 - 1,
  1e300,
);
const message = fc.oneof(
  fc.record(Object.fromEntries(NAMES.map((name) => [name, values])), { requiredKeys: [] }),
  jsonWith([...NAMES, 'Records', 's3', 'object', 'key'], values),
);

function eventOf(bodies: readonly string[]): SQSEvent {
  const records = bodies.map((body, at) => ({
    messageId: `m-${at}`,
    body,
    attributes: { ApproximateReceiveCount: '1' },
  }));
  return { Records: records } as unknown as SQSEvent;
}

describe('the messages of the queues', { timeout: FUZZ_TIMEOUT_MS }, () => {
  type Handle = (world: World, event: SQSEvent) => Promise<SQSBatchResponse>;
  const handlers: Record<string, Handle> = {
    index: (world, event) => createIndexHandler(world.deps)(event),
    completion: (world, event) => createCompletionHandler(world.deps)(event),
    compute: (world, event) => createComputeHandler(world.deps)(event, lambdaContext(world)),
    poll: (world, event) => createPollHandler(world.deps)(event, lambdaContext(world)),
  };

  it.each(Object.entries(handlers))(
    '%s: any body fails alone or is processed, and is never quoted',
    async (_name, handle) => {
      await fc.assert(
        fc.asyncProperty(fc.array(textOf(message), { minLength: 1, maxLength: 4 }), async (bodies) => {
          const world = new World();
          const { batchItemFailures } = await handle(world, eventOf(bodies));
          const ids = bodies.map((_body, at) => `m-${at}`);
          expect(batchItemFailures.every(({ itemIdentifier }) => ids.includes(itemIdentifier))).toBe(true);
          const said = JSON.stringify(world.log);
          expect(bodies.some((body) => body.length > 12 && said.includes(body))).toBe(false);
          world.verify();
        }),
        fuzzRuns(300),
      );
    },
  );

  it('accepts only whole numbers, and computes only delays that SQS accepts', () => {
    fc.assert(
      fc.property(message, fc.double({ min: 0.001, max: 604_800, noNaN: true }), (value, interval) => {
        for (const schema of [completionMessage, computeMessage, resultsMessage]) {
          const parsed = schema.safeParse(value);
          if (!parsed.success) continue;
          const numbers = Object.values(parsed.data).filter((entry) => typeof entry === 'number');
          expect(numbers.every(Number.isSafeInteger)).toBe(true);
          const [polls = 0] = numbers;
          const delay = pollDelaySeconds(interval, Math.abs(polls));
          expect(Number.isInteger(delay) && delay >= 0 && delay <= 900).toBe(true);
        }
      }),
      fuzzRuns(1500),
    );
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pipeline, startPipeline } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { createWireProxy } from '../../support/wire/wire-proxy.ts';

const wire = createWireProxy();
let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400, wire });
});
afterAll(async () => {
  await pipeline?.stop();
  await wire.close();
});

it('reads no queue before the watchdog has looked at every open series', async () => {
  const firstOf = (by: 'host' | 'function', operation: string) =>
    wire.journal.findIndex((call) => call.by === by && call.operation === operation);
  // A message may be due at once, for the first look at a series whose folder was being dropped when the host ended.
  const received = await until('a queue is read', () => {
    const at = firstOf('host', 'ReceiveMessage');
    return at === -1 ? undefined : at;
  });
  const looked = firstOf('function', 'Query');
  expect(looked).toBeGreaterThanOrEqual(0);
  expect(received).toBeGreaterThan(looked);
});

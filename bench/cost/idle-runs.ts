import type { Context } from 'aws-lambda';
import { createHandler as reconcile } from '../../functions/handlers/reconcile/handler.ts';
import { createHandler as sweep } from '../../functions/handlers/sweep/handler.ts';
import { parseSource } from '../../functions/sources/sources-document.ts';
import { CallCounts } from '../call-counts.ts';
import { countedDeps } from '../counted-deps.ts';
import type { EmbeddedCloud } from '../embedded-cloud.ts';
import { IndexWrites } from '../index-writes.ts';

/** What each kind of run asks of AWS where there is nothing to do. */
export interface IdleRuns {
  sweep: CallCounts;
  /** The first run of a day. */
  pass: CallCounts;
  /** Each later run, which finds that the pass has ended. */
  reconcile: CallCounts;
  metrics: number;
}

const RUN_MS = 840_000;
const CONTEXT = { getRemainingTimeInMillis: () => RUN_MS } as Context;
const NEVER_SENT = async () => {
  throw new Error('expected no message from a run without work');
};

/** On an empty cloud. */
export async function countIdleRuns(cloud: EmbeddedCloud): Promise<IdleRuns> {
  const time = { nowMs: Date.now(), current: new CallCounts() };
  const { deps: common, metrics } = countedDeps(cloud, time, new IndexWrites(cloud.dynamoClient()));
  const source = parseSource('default', { prefix: 'default/' });
  const deps = {
    ...common,
    queues: { sendCompletion: NEVER_SENT, sendCompute: NEVER_SENT, sendResults: NEVER_SENT },
    loadSources: async () => [source],
  };
  const count = async (run: (event: unknown, context: Context) => Promise<unknown>, event: unknown) => {
    time.current = new CallCounts();
    await run(event, CONTEXT);
    return time.current;
  };
  const pass = { pass: { repair: true } };
  return {
    sweep: await count(sweep(deps), {}),
    pass: await count(reconcile(deps), pass),
    reconcile: await count(reconcile(deps), pass),
    metrics: metrics.size,
  };
}

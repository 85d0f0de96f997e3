import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFinal } from '../../../functions/series/series.ts';
import { addSeconds, secondsBetween } from '../../../functions/shared/time.ts';
import { headSlice, type Pipeline, startPipeline } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { holdAt, MOMENTS } from '../../support/wire/moments.ts';
import { createWireProxy, type WireProxy } from '../../support/wire/wire-proxy.ts';

const SLICES = 4;
/** Those at which a function calls. What silence decides takes the host's own quiet period, and is killed with the host. */
const moments = MOMENTS.flatMap(({ caller, isQuiet, ...moment }, at) =>
  caller === undefined || isQuiet === true
    ? []
    : [{ name: moment.name, moment, caller, uid: `1.2.832.${100 + at}` }],
);
/** Where the kill has lost a message that a row waits for; elsewhere the killed function's own message comes again. */
const LOST = [
  'before instances go to Qure',
  'between the judgement and the job for it',
  'while Qure has taken the instances and not answered it',
  'after the upload, before the intent to call is saved',
  'before the compute call',
  'while Qure has accepted the compute call and not answered it',
  'between the acceptance and the first poll',
];
/** Longer than a dead function's message stays invisible here, and than any delay of a message on the way to a result. */
const STILL_MS = 10_000;
/** Two minutes of grace, and the rest of the minute by which rows are due. */
const LONGEST_DUE_SECONDS = 180;

let wire: WireProxy;
let pipeline: Pipeline;
const held = new Set<string>();
beforeAll(async () => {
  wire = createWireProxy({
    onHeld({ struckBy = '' }) {
      held.add(struckBy);
    },
  });
  pipeline = await startPipeline({
    quietPeriodSeconds: 86_400,
    wire,
    // The watchdog comes when this test says so, and the deadlines are those of the cloud: how long the machine takes plays no part.
    template: { isUnscheduled: true },
    sources: { sitea: { resultsTimeoutSeconds: 86_400 } },
  });
  wire.setRules(moments.map(({ moment, uid }) => holdAt(moment, uid)));
});
afterAll(async () => {
  await pipeline?.stop();
  await wire?.close();
});

const rowOf = (seriesInstanceUid: string) =>
  pipeline.stores.series.load({ source: 'sitea', seriesInstanceUid });

/** Until every series is judged, and no function has had anything to do for a while. */
async function untilStill(): Promise<void> {
  let stillSinceMs = Date.now();
  await until('nothing left to do', async () => {
    const rows = await Promise.all(moments.map(({ uid }) => rowOf(uid)));
    const counts = Object.values(pipeline.host.cloud.queueCounts());
    const isBusy =
      rows.some((row) => row === undefined || row.state === 'RECEIVING') ||
      counts.some(({ visible, inflight }) => visible + inflight > 0);
    if (isBusy) stillSinceMs = Date.now();
    return Date.now() - stillSinceMs > STILL_MS || undefined;
  });
}

describe('a function whose process is killed is followed by another, and nothing is computed twice', () => {
  // One after the other, without waiting for the results: what comes again meets the next kill of the same function.
  it.each(moments)('kills the function $name', async ({ name, caller, uid }) => {
    const numbers = Array.from({ length: SLICES }, (_, at) => at + 1);
    await Promise.all(numbers.map((n) => pipeline.put(`sitea/${uid}/${n}`, headSlice(uid, n))));
    await pipeline.put(`sitea/${uid}/_COMPLETE`, JSON.stringify({ series: { [uid]: SLICES } }));
    await until(`${name}: a call that stands still`, () => held.has(name) || undefined);
    const pids = pipeline.host.cloud.pids(caller);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  });

  it('leaves to the watchdog those whose message is lost, each of them soon', async () => {
    await untilStill();
    const lost: string[] = [];
    for (const { name, uid } of moments) {
      const row = await rowOf(uid);
      if (row === undefined || isFinal(row)) continue;
      lost.push(name);
      const now = new Date().toISOString();
      expect(secondsBetween(now, row.dueAt ?? ''), name).toBeLessThanOrEqual(LONGEST_DUE_SECONDS);
      // As if that time were over.
      await pipeline.stores.series.heartbeat(row, addSeconds(row.changedAt, -60));
    }
    // Others may be among them: a kill strikes every run of its function.
    expect(lost).toEqual(expect.arrayContaining(LOST));
    await pipeline.host.cloud.invoke('sweep', {});
  });

  it.each(moments)('ends in one result after a kill $name', async ({ uid }) => {
    const { state, reason, detail, generation, instances } = await pipeline.final(uid);
    const ended = { state, reason, detail, generation, instances };
    expect(ended).toEqual({ state: 'DONE', generation: 1, instances: SLICES });
    expect(pipeline.qure.series.get(uid)?.computations).toMatchObject([
      { isRecompute: false, instances: SLICES },
    ]);
  });

  it('leaves nothing in a dead-letter queue', () => {
    const dead = Object.entries(pipeline.host.cloud.queueCounts()).filter(([name]) => name.includes('Dead'));
    expect(dead.length).toBeGreaterThan(0);
    expect(dead.filter(([, { visible, inflight }]) => visible + inflight > 0)).toEqual([]);
  });
});

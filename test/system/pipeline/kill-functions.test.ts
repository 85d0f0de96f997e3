import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

let wire: WireProxy;
let pipeline: Pipeline;
const held = new Set<string>();
beforeAll(async () => {
  wire = createWireProxy({
    onHeld({ struckBy = '' }) {
      held.add(struckBy);
    },
  });
  // Jobs and polls come again as deployed, by the watchdog, which is sooner than their visibility.
  const template = { visibilitySeconds: 60, visibilityOf: /(?:Ingest|Completion)Queue/ };
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400, wire, template });
  wire.setRules(moments.map(({ moment, uid }) => holdAt(moment, uid)));
});
afterAll(async () => {
  await pipeline?.stop();
  await wire?.close();
});

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

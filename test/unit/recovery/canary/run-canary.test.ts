import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../../functions/handlers/canary/handler.ts';
import { createHandler as indexInstances } from '../../../../functions/handlers/index-instances/handler.ts';
import { s3Event } from '../../../support/s3-event.ts';
import { deliverAll, sqsEvent } from '../../../support/world/delivery.ts';
import { FakeQure, type PlatformOptions } from '../../../support/world/fake-qure.ts';
import { newWorld } from '../../../support/world/new-world.ts';
import { stagesOf } from '../../../support/world/pipeline.ts';
import { resultsAnswer } from '../../../support/world/qure-answers.ts';
import { sourceNamed, type World } from '../../../support/world/world.ts';

const HOUR_SECONDS = 3600;
const SETTINGS = {
  source: 'canary',
  prefix: 'canary/',
  everyMinutes: 60,
  withinMinutes: 30,
  expectedStates: ['DONE' as const, 'UNSUPPORTED' as const],
};

/** The whole pipeline in memory, with a canary that is run by hand. */
class CanaryWorld {
  readonly world: World;
  /** What the canary has put and S3 has not told of yet. */
  #untold: string[] = [];
  /** The function dies at its next put but so many. */
  diesAfterPuts = Number.POSITIVE_INFINITY;

  constructor(platform?: PlatformOptions) {
    this.world = newWorld({ sources: [sourceNamed('canary')] });
    new FakeQure(this.world, platform);
  }

  /** One run; `time` of its event: now, unless an event comes again. */
  run(time = this.world.clock.instant()) {
    const handler = createHandler({
      ...this.world.deps,
      settings: SETTINGS,
      dropWriter: {
        put: async (key, body) => {
          this.diesAfterPuts -= 1;
          if (this.diesAfterPuts < 0) throw new Error('the function died');
          this.world.drop.put(key, body);
          this.#untold.push(key);
        },
      },
    });
    return handler({ 'detail-type': 'Scheduled Event', time });
  }

  /** Everything that the pipeline does with what was dropped. Messages are delivered until the hour is over. */
  async work({ losesEvents = false } = {}): Promise<void> {
    const bodies = this.#untold.map((key) => s3Event(key));
    this.#untold = [];
    if (!losesEvents && bodies.length > 0) {
      const answer = await indexInstances(this.world.deps)(sqsEvent(bodies));
      expect(answer).toEqual({ batchItemFailures: [] });
    }
    const end = this.world.clock.now().getTime() + HOUR_SECONDS * 1000;
    const stages = stagesOf(this.world);
    const next = () =>
      Math.min(...stages.map(({ queue }) => queue.nextVisibleAt() ?? Number.POSITIVE_INFINITY));
    await deliverAll(this.world, stages, { until: () => next() > end });
    this.world.clock.advanceTo(new Date(end).toISOString());
  }

  /** What was reported since the last look. */
  reported(): number[] {
    const values = this.world.metrics
      .filter(({ name }) => name === 'CanarySucceeded')
      .map(({ value }) => value);
    this.world.metrics.length = 0;
    return values;
  }
}

describe('the canary', () => {
  test('drops a study each run, and reports that of the run before', async () => {
    const canary = new CanaryWorld({ computeSeconds: 40 });
    expect(await canary.run()).toEqual({ succeeded: 0, failed: 0, hasDropped: true });
    expect(canary.reported()).toEqual([]);
    await canary.work();
    expect(await canary.run()).toEqual({ succeeded: 1, failed: 0, hasDropped: true });
    const { metrics } = canary.world;
    expect(metrics).toContainEqual({ name: 'CanarySucceeded', value: 1, dimensions: { source: 'canary' } });
    const [seconds] = metrics.filter(({ name }) => name === 'CanarySeconds');
    expect(seconds?.value).toBeGreaterThanOrEqual(40);
    expect(seconds?.value).toBeLessThan(1800);
    expect(canary.world.series.all()).toMatchObject([{ state: 'DONE', instances: 24, evidence: 'marker' }]);
  });

  test('drops and reports one study in each run of a day', async () => {
    const canary = new CanaryWorld();
    await canary.run();
    for (let hour = 1; hour <= 24; hour += 1) {
      await canary.work();
      await canary.run();
      expect(canary.reported()).toEqual([1]);
    }
    expect(new Set(canary.world.series.all().map(({ studyInstanceUid }) => studyInstanceUid)).size).toBe(24);
  });

  test.each([
    { name: 'an event of S3 that is lost', losesEvents: true, why: 'not_indexed' },
    { name: 'a Qure that takes hours', platform: { computeSeconds: 5 * HOUR_SECONDS }, why: 'overdue' },
  ])('fails for $name', async ({ platform, losesEvents = false, why }) => {
    const canary = new CanaryWorld(platform);
    await canary.run();
    await canary.work({ losesEvents });
    expect(await canary.run()).toMatchObject({ failed: 1, hasDropped: true });
    expect(canary.reported()).toEqual([0]);
    expect(canary.world.log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'canary failed',
        fields: expect.objectContaining({ why }),
      }),
    );
  });

  test('succeeds if Qure calls the phantom unsupported', async () => {
    const canary = new CanaryWorld();
    canary.world.qure.seriesResults.always(() => resultsAnswer(400, { message: 'unsupported' }));
    await canary.run();
    await canary.work();
    await canary.run();
    expect(canary.world.series.all()).toMatchObject([{ state: 'UNSUPPORTED' }]);
    expect(canary.reported()).toEqual([1]);
  });

  test('drops and reports nothing else in a run that is repeated', async () => {
    const canary = new CanaryWorld();
    await canary.run();
    await canary.work();
    const time = canary.world.clock.instant();
    await canary.run(time);
    const keys = canary.world.drop.keys().length;
    expect(canary.reported()).toEqual([1]);
    canary.world.clock.advance(600);
    expect(await canary.run(time)).toEqual({ succeeded: 0, failed: 0, hasDropped: false });
    expect(canary.world.drop.keys()).toHaveLength(keys);
  });

  test('reports every study once although runs are missing', async () => {
    const canary = new CanaryWorld();
    await canary.run();
    await canary.work({ losesEvents: true });
    await canary.work();
    await canary.work();
    // The lost study of three hours ago is told by the first run that comes.
    await canary.run();
    expect(canary.reported()).toEqual([0]);
    await canary.work();
    await canary.run();
    expect(canary.reported()).toEqual([1]);
  });

  test('ignores the folder of a run that died while it dropped, and completes it when the run is repeated', async () => {
    const canary = new CanaryWorld();
    const time = canary.world.clock.instant();
    canary.diesAfterPuts = 10;
    await expect(canary.run(time)).rejects.toThrow('died');
    canary.diesAfterPuts = Number.POSITIVE_INFINITY;
    expect(await canary.run(time)).toMatchObject({ hasDropped: true });
    await canary.work();
    expect(canary.world.series.all()).toMatchObject([{ state: 'DONE', instances: 24, generation: 1 }]);
    canary.diesAfterPuts = 5;
    await expect(canary.run()).rejects.toThrow('died');
    canary.diesAfterPuts = Number.POSITIVE_INFINITY;
    expect(canary.reported()).toEqual([1]);
    await canary.work();
    // Its folder has no marker: nothing was promised. The study before is told once more, since no drop says that it has been.
    await canary.run();
    expect(canary.reported()).toEqual([1]);
  });

  test('skips an event that is too old or in the future', async () => {
    const canary = new CanaryWorld();
    for (const time of ['2026-03-01T06:59:59Z', '2026-03-01T08:06:00Z']) {
      expect(await canary.run(time)).toEqual({ succeeded: 0, failed: 0, hasDropped: false });
    }
    expect(canary.world.drop.keys()).toEqual([]);
    await expect(canary.run('yesterday')).rejects.toThrow();
  });

  test('ignores other objects in its folder', async () => {
    const canary = new CanaryWorld();
    for (const name of ['_COMPLETE', 'x/_COMPLETE', '20260301T070000Z/deeper/_COMPLETE'])
      canary.world.drop.put(`canary/canary/${name}`, Buffer.alloc(0));
    canary.world.clock.advance(HOUR_SECONDS);
    expect(await canary.run()).toMatchObject({ succeeded: 0, failed: 0 });
  });
});

import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type Drop, dropsOf, sourceOf } from './drops.ts';
import type { Coverage } from './fault-plan.ts';
import {
  type Evidence,
  expectAllDone,
  expectEachObjectInOnePlace,
  expectInvariants,
  seriesRows,
} from './invariants.ts';
import { seriesUidOf } from './scans.ts';
import { BrokenInvariantError, SeriesMonitor } from './series-monitor.ts';
import type { Story } from './story.ts';
import { DROP_BUCKET, SimulatedWorld, sourceName } from './world.ts';

export interface StoryRun {
  coverage: Coverage;
  /** Virtual time until all was done. */
  virtualSeconds: number;
  happenings: number;
  instances: number;
}

/** A person tries so often to bring back what failed; once would do, if nothing new went wrong. */
const MAX_ROUNDS = 6;

/** Plays a story to its end, and on in a world in which all is well again. Throws the first invariant that does not hold. */
export async function runStory(story: Story): Promise<StoryRun> {
  const world = new SimulatedWorld(story);
  const lying = new Map<string, Drop>();
  const contents = new Map<string, string>();
  const etags = new Map<string, string>();
  const contentOf = (etag: string) => contents.get(etag) ?? 'unknown';
  const monitor = new SeriesMonitor(world, contentOf);
  const drops = dropsOf(story);
  for (const drop of drops) {
    world.planFromOutside(drop.atSeconds, () => {
      const { ETag = '' } = world.bucket.execute(
        new PutObjectCommand({ Bucket: DROP_BUCKET, Key: drop.key, Body: drop.bytes }),
      ) as { ETag?: string };
      const etag = ETag.replaceAll('"', '');
      lying.set(drop.key, drop);
      etags.set(drop.key, etag);
      contents.set(
        etag,
        drop.place.kind === 'instance'
          ? drop.place.content
          : createHash('md5').update(drop.bytes).digest('hex'),
      );
    });
  }
  planRetries(world);
  const resultText = (key: string) => textOf(world, key);
  const evidence: Evidence = {
    world,
    monitor,
    lying,
    contentOf,
    etagOf: (key) => etags.get(key) ?? '',
    resultText,
  };

  await world.run();
  expectInvariants(evidence);

  // All is well from here on: what lies in dead letters is sent back, what was lost is found, what failed is retried.
  world.plan.end();
  for (let round = 1; ; round += 1) {
    const isLeft = await takeUpAgain(world);
    await world.run();
    expectInvariants(evidence);
    if (!isLeft && world.deadLetters() === 0) break;
    if (round === MAX_ROUNDS)
      throw new BrokenInvariantError('4: something failed does not come back to life');
  }
  expectEachObjectInOnePlace(evidence);
  expectAllDone(evidence);
  return {
    coverage: world.plan.coverage,
    virtualSeconds: world.seconds(),
    happenings: world.scheduler.happenings,
    instances: drops.length,
  };
}

function planRetries(world: SimulatedWorld): void {
  const { story } = world;
  for (const [number, series] of story.series.entries()) {
    if (series.retryAfterSeconds === undefined) continue;
    const uid = seriesUidOf(series.kind, number);
    const source = sourceName(sourceOf(story, series.source));
    world.planFromOutside(series.startsAtSeconds + series.retryAfterSeconds, () => {
      void world.stages.callApi('POST', `/v1/series/${uid}/retry`, { recompute: true }, { source });
    });
  }
}

/** Whether there was anything left to take up. */
async function takeUpAgain(world: SimulatedWorld): Promise<boolean> {
  const failed = seriesRows(world).filter(({ state }) => state === 'FAILED');
  const hadLetters = world.deadLetters() > 0;
  // Rows without an object are taken out at the second look.
  await world.scheduler.run(() => false, 20 * 60_000);
  const calls = [
    world.stages.callApi('POST', '/v1/dead-letters/redrive', {}),
    ...failed.map(({ source, seriesInstanceUid }) =>
      world.stages.callApi('POST', `/v1/series/${seriesInstanceUid}/retry`, {}, { source }),
    ),
  ];
  const reconciled = world.stages.reconcileAll();
  await world.scheduler.run(() => world.stages.isIdle());
  await Promise.all(calls);
  const findings = (await reconciled)?.findings ?? [];
  return hadLetters || failed.length > 0 || findings.some(({ outcome }) => outcome !== 'left');
}

function textOf(world: SimulatedWorld, key: string): string | undefined {
  const bytes = world.results.contentOf(key);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

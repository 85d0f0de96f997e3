import { stopReasonOf } from '../../functions/series/series.ts';
import { playAftermath } from './aftermath.ts';
import { cutOff } from './archive-drops.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { DroppedObjects } from './dropped-objects.ts';
import {
  type Drop,
  damagedCopy,
  deletionsOf,
  dropsOf,
  foreignCopy,
  type InstancePlace,
  instancesIn,
  STRANGE_WORD,
  sourceOf,
  strangeMessagesOf,
} from './drops.ts';
import { type Coverage, coverageKey } from './fault-plan.ts';
import {
  type Evidence,
  expectAllDone,
  expectEachObjectInOnePlace,
  expectInvariants,
  isLostForGood,
  seriesRows,
} from './invariants.ts';
import { JudgementEvidence } from './judgement-evidence.ts';
import { putKnownSenders } from './known-senders.ts';
import { putKnownTimes } from './known-times.ts';
import { watchOtherQure } from './other-qure.ts';
import { PatientViews } from './patient-views.ts';
import { reusedKeyOf, watchReusedKey } from './reused-key.ts';
import { hasPixels, seriesUidOf } from './scans.ts';
import type { Scenario } from './scenario.ts';
import { expectTrueSilences } from './sender-invariant.ts';
import { SeriesMonitor } from './series-monitor.ts';
import { SimulatedWorld } from './world.ts';
import { sourceName } from './world-names.ts';

export interface ScenarioRun {
  coverage: Coverage;
  /** States that series entered while all went wrong, and what was given up. */
  outcomes: ReadonlyMap<string, number>;
  /** Virtual time until all was done. */
  virtualSeconds: number;
  happenings: number;
  objects: number;
}

/** A person tries so often to bring back what failed; once would do, if nothing new went wrong. */
const MAX_ROUNDS = 6;

/**
 * Plays a scenario to its end, and on in a world in which all is well again. Throws the first invariant that does not hold.
 *
 * @param visit may look at the world, and plan more for it, before anything has happened
 */
export async function runScenario(
  scenario: Scenario,
  visit: (world: SimulatedWorld) => void = () => {},
): Promise<ScenarioRun> {
  const world = new SimulatedWorld(scenario);
  putKnownSenders(world);
  putKnownTimes(world);
  visit(world);
  const dropped = new DroppedObjects(world);
  const { lying, archives } = dropped;
  const contentOf = (etag: string) => dropped.contentOf(etag);
  const dropNow = (drop: Drop) => dropped.drop(drop);
  const planned = dropsOf(scenario);
  const reused = reusedKeyOf(scenario, planned);
  const drops = reused === undefined ? planned : [...planned, reused.other];
  const judgement = new JudgementEvidence(drops, deletionsOf(scenario));
  const monitor = new SeriesMonitor(world, judgement, contentOf);
  for (const drop of planned) {
    world.planFromOutside(drop.atSeconds, () => {
      const hasInstances = instancesIn(drop.place).length > 0;
      if (hasInstances && world.plan.ofDelivery('index-instances', 'late_drop')) {
        judgement.leaveOut(drop);
        world.planFromOutside(world.seconds() + world.random.between(5, 3_000), () => dropNow(drop));
        return;
      }
      const isScan = instancesIn(drop.place).some(({ seriesInstanceUid }) => hasPixels(seriesInstanceUid));
      const wrong = isScan ? wrongCopy(world, drop) : undefined;
      dropNow(wrong ?? drop);
      // The sender is told, and drops it again.
      if (wrong === undefined) return;
      judgement.leaveOut(drop);
      const toldAt = world.seconds();
      const again = () => dropped.drop(drop, toldAt);
      world.planFromOutside(toldAt + world.random.between(5, 3_000), again);
    });
  }
  const deletedFrom = new Set<string>();
  for (const { atSeconds, key, seriesInstanceUid } of deletionsOf(scenario)) {
    deletedFrom.add(seriesInstanceUid);
    world.planFromOutside(atSeconds, () => dropped.delete(key));
  }
  if (reused !== undefined)
    watchReusedKey(world, reused, () => {
      judgement.leaveOut(reused.first);
      judgement.leaveOut(reused.other);
      // Else the version that was replaced is read to its end.
      const replaced = scenario.isVersioned ? [] : instancesIn(reused.first.place);
      for (const { seriesInstanceUid } of replaced) deletedFrom.add(seriesInstanceUid);
      dropNow(reused.other);
    });
  if (scenario.otherQure !== undefined) watchOtherQure(world, scenario.otherQure);
  const strange = strangeMessagesOf(scenario);
  for (const { atSeconds, body } of strange) world.planFromOutside(atSeconds, () => world.sendStrange(body));
  planDeliveries(world, drops);
  planRetries(world);
  planOperator(world);
  const views = new PatientViews(world);
  views.plan();
  const resultText = (key: string) => textOf(world, key);
  const etagOf = (key: string) => world.bucket.objectAt(key)?.etag;
  const evidence: Evidence = {
    world,
    monitor,
    lying,
    deletedFrom,
    archives,
    contentOf,
    etagOf,
    resultText,
  };

  await world.run();
  expectInvariants(evidence);
  // What S3 never told of, and what was given up, nobody can know of yet.
  const isTold = !world.plan.coverage.has(coverageKey('lost_event', 'index-instances'));
  if (isTold && lostLetters(world).length === 0) expectEachObjectInOnePlace(evidence, false);
  const outcomes = new Map(monitor.entered);
  for (const { stage } of world.pipeline.deadLetters()) {
    outcomes.set(`dead letter of ${stage}`, (outcomes.get(`dead letter of ${stage}`) ?? 0) + 1);
  }

  // All is well from here on: what lies in dead letters is sent back, what was lost is found, what failed is retried.
  world.plan.end();
  for (let round = 1; ; round += 1) {
    const isLeft = await takeUpAgain(evidence, drops);
    await world.run();
    expectInvariants(evidence);
    // The source of a series may be accepted only after the deadline of its retry.
    const isFailed = seriesRows(world).some((row) => row.state === 'FAILED' && !isLostForGood(evidence, row));
    if (!isLeft && !isFailed && lostLetters(world).length === 0) break;
    if (round === MAX_ROUNDS)
      throw new BrokenInvariantError('4: something failed does not come back to life');
  }
  for (const { body } of strange) {
    if (!world.pipeline.deadLetters().some((letter) => letter.body === body))
      throw new BrokenInvariantError('4: a message that nobody understands was thrown away');
  }
  expectEachObjectInOnePlace(evidence, true);
  expectAllDone(evidence);
  expectTrueSilences(world, drops);
  await views.expectShown(evidence);
  await playAftermath(evidence, drops, dropNow);
  return {
    coverage: world.plan.coverage,
    outcomes,
    virtualSeconds: world.seconds(),
    happenings: world.scheduler.happenings,
    objects: drops.length,
  };
}

/** What a sender drops by mistake in place of a scan, if anything. */
function wrongCopy(world: SimulatedWorld, drop: Drop): Drop | undefined {
  const isArchive = drop.place.kind === 'archive';
  if (world.plan.ofDelivery('index-instances', 'damaged_drop'))
    return isArchive ? cutOff(drop) : damagedCopy(drop);
  if (isArchive || !world.plan.ofDelivery('index-instances', 'mixed_drop')) return undefined;
  return foreignCopy(drop, world.random.isOneIn(2) ? 'study' : 'patient');
}

/** Dead letters that must come back to life; what nobody understands stays for a person. */
function lostLetters(world: SimulatedWorld) {
  return world.pipeline.deadLetters().filter(({ body }) => !body.startsWith(STRANGE_WORD));
}

/** What another system brings to Qure, where the pipeline does not. */
function planDeliveries(world: SimulatedWorld, drops: readonly Drop[]): void {
  for (const { atSeconds, place: dropped } of drops) {
    for (const place of instancesIn(dropped)) {
      if (world.sources.of(place.source)?.delivery !== 'external') continue;
      world.planFromOutside(atSeconds + world.random.between(1, 200), () => deliver(world, place));
    }
  }
}

/** The other system sends all that it has once more, each instance as it was last. */
function deliverAgain(world: SimulatedWorld, drops: readonly Drop[]): void {
  const newest = new Map<string, InstancePlace>();
  for (const place of drops.flatMap((drop) => instancesIn(drop.place))) {
    if (world.sources.of(place.source)?.delivery !== 'external') continue;
    newest.set(`${place.source} ${place.sopInstanceUid}`, place);
  }
  for (const place of newest.values()) deliver(world, place);
}

function deliver(world: SimulatedWorld, place: InstancePlace): void {
  const { source, seriesInstanceUid, sopInstanceUid, content } = place;
  world.qure.deliver(world.sources.workspaceOf(source), seriesInstanceUid, sopInstanceUid, content);
}

function planOperator(world: SimulatedWorld): void {
  const { callApi } = world.stages;
  for (const { does, atSeconds } of world.scenario.operator) {
    world.planFromOutside(atSeconds, () => {
      switch (does) {
        case 'redrives':
          void callApi('POST', '/v1/dead-letters/redrive', {});
          return;
        case 'retries-failed':
          void callApi('POST', '/v1/series/retry', { source: sourceName(0) });
          return;
        case 'retries-waiting':
          for (const { source, seriesInstanceUid } of seriesRows(world).filter(stopReasonOf))
            void callApi('POST', `/v1/series/${seriesInstanceUid}/retry`, {}, { source });
          return;
        case 'reads-list':
          void callApi('GET', '/v1/series', undefined, { limit: '2' });
          return;
        default:
          return does satisfies never;
      }
    });
  }
}

function planRetries(world: SimulatedWorld): void {
  const { scenario } = world;
  for (const [number, series] of scenario.series.entries()) {
    if (series.retryAfterSeconds === undefined) continue;
    const uid = seriesUidOf(series.kind, number);
    const source = sourceName(sourceOf(scenario, series.source));
    world.planFromOutside(series.startsAtSeconds + series.retryAfterSeconds, () => {
      void world.stages.callApi('POST', `/v1/series/${uid}/retry`, { recompute: true }, { source });
    });
  }
}

/** Whether there was anything left to take up. */
async function takeUpAgain(evidence: Evidence, drops: readonly Drop[]): Promise<boolean> {
  const { world } = evidence;
  const failed = seriesRows(world).filter(({ state }) => state === 'FAILED');
  const hadLetters = lostLetters(world).length > 0;
  deliverAgain(world, drops);
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
  const findings = await reconciled;
  const isFailed = failed.some((row) => !isLostForGood(evidence, row));
  // The last row of a series stays, without its object, and is told of each time.
  const isOpen = findings.some(({ outcome, seriesInstanceUid = '' }) =>
    outcome === 'pending' ? !evidence.deletedFrom.has(seriesInstanceUid) : outcome !== 'skipped',
  );
  return hadLetters || isFailed || isOpen;
}

function textOf(world: SimulatedWorld, key: string): string | undefined {
  const bytes = world.results.contentOf(key);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

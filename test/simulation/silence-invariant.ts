import type { Series } from '../../functions/series/series.ts';
import type { SimulatedWorld } from './world.ts';
import { START_MS } from './world-names.ts';

/** Requests of a check that something went wrong with are over by then. */
const CHECK_LASTS_MS = 900_000;

/**
 * 1: a series is not called quiet while an event of it waits that came within the quiet period. An event that was given out once is
 * with a run, or waits for its next delivery: that nobody can know.
 *
 * @param keys of everything that is dropped of the series
 */
export function wrongSilence(
  world: SimulatedWorld,
  row: Extract<Series, { state: 'COMPLETE' }>,
  keys: ReadonlySet<string>,
): string | undefined {
  const source = world.sources.of(row.source);
  if (row.evidence !== 'quiet' || source === undefined || hasCheckFailed(world)) return undefined;
  const quietMs = source.quietPeriodSeconds * 1000 - 2 * world.scenario.maxSkewMs;
  const untilMs = Date.parse(row.lastArrivalAt) + quietMs;
  const isOverlooked = world.pipeline
    .queueOf('ingest')
    .messages()
    .some(
      ({ state, receiveCount, sentAtMs, body }) =>
        state === 'visible' && receiveCount === 0 && sentAtMs < untilMs && keys.has(keyIn(body) ?? ''),
    );
  return isOverlooked ? '1: a series was called quiet while an event of it waited' : undefined;
}

function hasCheckFailed(world: SimulatedWorld): boolean {
  const sinceMs = world.scheduler.nowMs() - CHECK_LASTS_MS;
  return world.plan.happened.some(
    ({ stage, atSeconds }) => stage === 'check-completion' && START_MS + atSeconds * 1000 >= sinceMs,
  );
}

function keyIn(body: string): string | undefined {
  if (!body.startsWith('{')) return undefined;
  const { Records } = JSON.parse(body) as { Records?: { s3: { object: { key: string } } }[] };
  const key = Records?.[0]?.s3.object.key;
  return key === undefined ? undefined : decodeURIComponent(key.replaceAll('+', ' '));
}

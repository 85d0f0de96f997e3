import type { Instance } from '../../functions/instances/instance.ts';
import type { Series } from '../../functions/series/series.ts';
import type { ObjectVersion } from '../services/bucket/stored-objects.ts';
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
  const isSilence = row.evidence === 'quiet' || row.evidence === 'learned';
  if (!isSilence || source === undefined || hasCheckFailed(world)) return undefined;
  const quietSeconds = row.silence?.seconds ?? source.quietPeriodSeconds;
  const quietMs = quietSeconds * 1000 - 2 * world.scenario.maxSkewMs;
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

/** Of what was dropped this long before the judgement, S3's list is sure; the clocks of two functions may differ. */
const LISTED_AFTER_MS = 3_000;
/** Older objects are not looked for; an object in parts is as old as the beginning of its upload. */
const LOOKED_FOR_MS = { whole: 110_000, parts: 890_000 };

/**
 * 1: by the habit of its sender a series is not called complete while an object of it lies in its folder that has no row, also
 * where no event of the object has come.
 */
export function wrongHabit(
  world: SimulatedWorld,
  row: Extract<Series, { state: 'COMPLETE' }>,
  held: readonly Pick<Instance, 'object' | 'sopInstanceUid'>[],
  dropped: readonly { key: string; sop: string }[],
): string | undefined {
  const source = world.sources.of(row.source);
  if (row.evidence !== 'learned' || source === undefined || hasCheckFailed(world)) return undefined;
  const judgedMs = Date.parse(row.completedAt);
  if (judgedMs - Date.parse(row.lastArrivalAt) >= source.quietPeriodSeconds * 1000) return undefined;
  const { maxSkewMs } = world.scenario;
  const isLookedFor = ({ etag, lastModified, completedAt }: ObjectVersion) => {
    const isListed = completedAt.getTime() < judgedMs - LISTED_AFTER_MS - 2 * maxSkewMs;
    const sinceMs = judgedMs - LOOKED_FOR_MS[etag.includes('-') ? 'parts' : 'whole'] + 2 * maxSkewMs;
    return isListed && lastModified.getTime() > sinceMs;
  };
  const folders = new Set(held.map(({ object }) => folderOf(object.key)));
  const indexed = new Set(held.map(({ sopInstanceUid }) => sopInstanceUid));
  const missing = new Set(dropped.filter(({ sop }) => !indexed.has(sop)).map(({ key }) => key));
  const isOverlooked = [...world.bucket.objects()].some(
    (object) =>
      missing.has(object.key) &&
      object.bytes !== undefined &&
      folders.has(folderOf(object.key)) &&
      isLookedFor(object),
  );
  return isOverlooked ? '1: a series was called complete while an object lay in its folder' : undefined;
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

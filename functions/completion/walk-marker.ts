import { instanceKey } from '../ingest/compare-with-index.ts';
import type { IndexDeps } from '../ingest/index-deps.ts';
import type { Marker, MarkerProgress, MarkerWalk } from '../instances/marker.ts';
import type { SeriesId } from '../instances/series-id.ts';
import type { CompletionMessage } from '../series/messages.ts';
import type { CompletionReason } from '../series/series-facts.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import type { Source } from '../sources/source.ts';
import { type CoveredSeries, coverPage } from './covered-series.ts';

type MarkerMessage = Extract<CompletionMessage, { kind: 'marker' }>;

/** Pages of a thousand objects for one run: where each is a series of its own, a page takes some seconds. */
const PAGES_PER_RUN = 10;
/** A run begins no page after so long. It has five minutes, and other messages of its batch wait for it. */
const RUN_MS = 60_000;
const ARCHIVE_RECHECK_SECONDS = 2;
/** Series completed at the same time: each takes some calls that wait for one another. */
const SERIES_AT_ONCE = 16;

/** Completes a series with this evidence. */
export type Complete = (id: SeriesId, evidence: CompletionReason) => Promise<void>;

/**
 * Checks a marker over all objects beside and below it, in two phases: every object is indexed, and then the series are completed.
 * A series whose objects are on several pages must not be completed before the last page is indexed. A folder that does not fit
 * into one run is handed on by message, at the place that the marker's progress holds: a message holds no key.
 *
 * Where an archive is not indexed yet, the check ends, and begins anew when it is.
 *
 * A total (`expected`) is counted by rows. Where it is not reached, the count is not repeated before as many more have arrived. A row
 * whose instance is replaced during the walk moves to another page, perhaps a later one. One run counts it once. Where a walk has
 * several runs, the second phase counts again, and a total that is not reached any more is not fulfilled.
 */
export async function walkMarker(
  deps: IndexDeps,
  marker: Marker,
  source: Source,
  message: MarkerMessage,
  complete: Complete,
  isLastTry: boolean,
): Promise<void> {
  const progress = await deps.markers.progressOf(marker);
  // An earlier check has counted since: this message came twice.
  if (message.isCounted === true && progress.arrivals < progress.due) return;
  const begun = beginAt(progress, message);
  if (begun === 'stale') return;
  if (begun === 'saved') return sendRest(deps, message, (message.walk ?? 0) + 1);
  let walk: MarkerWalk = begun;
  /** The series so far, while the whole folder may fit into this run. */
  const seen = message.walk === undefined ? new Map<string, CoveredSeries>() : undefined;
  const { expectation } = marker;
  const expected = expectation.kind === 'instances' ? expectation.instances : undefined;
  const completeAll = async (series: Iterable<CoveredSeries>) => {
    const evidence = expected === undefined ? 'marker' : 'count';
    // A total covers the younger ones too.
    const due = [...series].filter(({ hasYoungerObject }) => expected !== undefined || !hasYoungerObject);
    await mapConcurrently(due, SERIES_AT_ONCE, ({ id }) => complete(id, evidence));
  };
  /** By this run, in this phase. */
  const counted = new Set<string>();
  const endMs = deps.clock().getTime() + RUN_MS;
  for (let pages = 1; ; pages += 1) {
    const page = await coverPage(deps, marker, source, walk, isLastTry);
    if ('waitsFor' in page) return waitForArchive(deps, marker, message, page.waitsFor);
    if (walk.phase === 'complete') await completeAll(page.series.values());
    else for (const [uid, series] of page.series) seen?.set(uid, merge(seen.get(uid), series));
    const { after: _after, part: _part, ...before } = walk;
    const countedBefore = before.counted - counted.size;
    for (const instance of page.instances) counted.add(instanceKey(instance));
    walk = { ...before, counted: countedBefore + counted.size, ...page.next };
    if (page.next === undefined) {
      const { counted: count, ...place } = walk;
      if (expected !== undefined && count < expected)
        return countLater(deps, marker, message, walk, expected);
      if (walk.phase === 'complete') break;
      if (seen !== undefined) {
        await completeAll(seen.values());
        break;
      }
      walk = { ...place, phase: 'complete', counted: 0 };
      counted.clear();
    }
    if (pages >= PAGES_PER_RUN || deps.clock().getTime() >= endMs) return handOn(deps, marker, walk, message);
  }
  if (expected !== undefined) await deps.markers.markFulfilled(marker);
}

/** `saved`: the run before ended between the save of the next place and its message. `stale`: another walk has gone on. */
function beginAt(
  { walk, arrivals }: MarkerProgress,
  { walk: version }: MarkerMessage,
): MarkerWalk | 'stale' | 'saved' {
  if (version === undefined) return { version: walk?.version ?? 0, phase: 'index', counted: 0, arrivals };
  if (walk?.version === version) return walk;
  return walk?.version === version + 1 ? 'saved' : 'stale';
}

function merge(earlier: CoveredSeries | undefined, series: CoveredSeries): CoveredSeries {
  return earlier?.hasYoungerObject === true ? { ...series, hasYoungerObject: true } : series;
}

/**
 * The end of the archive sends the next check, which looks at everything again. Should it have ended before the marker said that it
 * waits, the check is sent here.
 */
async function waitForArchive(
  deps: IndexDeps,
  marker: Marker,
  { isCounted: _counted, walk: _walk, ...message }: MarkerMessage,
  archiveId: string,
): Promise<void> {
  if ((await deps.markers.saveProgress(marker, { waitsFor: archiveId })) === undefined) return;
  const [archive] = await deps.archives.find(marker.source, [archiveId]);
  if (archive?.state !== 'waiting')
    await deps.queues.sendCompletion({ ...message, tries: 0 }, ARCHIVE_RECHECK_SECONDS);
}

async function handOn(
  deps: IndexDeps,
  marker: Marker,
  walk: MarkerWalk,
  message: MarkerMessage,
): Promise<void> {
  const next = { ...walk, version: walk.version + 1 };
  const saved = await deps.markers.saveProgress(marker, { walk: next }, message.walk);
  // Else the marker was dropped again, or another delivery of this message was faster: that walk goes on.
  if (saved !== undefined) await sendRest(deps, message, next.version);
}

async function sendRest(deps: IndexDeps, message: MarkerMessage, version: number): Promise<void> {
  const { isCounted: _counted, ...rest } = message;
  await deps.queues.sendCompletion({ ...rest, tries: 0, walk: version }, 0);
}

/**
 * What arrived during this walk may have been counted or not: so the arrivals from before it count, which can only make the next
 * count too early. The last arrival asked by the earlier promise, so whether it is due already is asked here.
 */
async function countLater(
  deps: IndexDeps,
  marker: Marker,
  { walk: _walk, series: _series, ...message }: MarkerMessage,
  { arrivals, counted }: MarkerWalk,
  expected: number,
): Promise<void> {
  const due = arrivals + expected - counted;
  const saved = await deps.markers.saveProgress(marker, { due });
  if (saved === undefined || saved.arrivals < due) return;
  await deps.queues.sendCompletion({ ...message, tries: 0, isCounted: true }, 0);
  await deps.markers.saveProgress(marker, { asked: due });
}

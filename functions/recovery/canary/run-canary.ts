import type { DropBucket } from '../../instances/drop-bucket.ts';
import { MARKER_NAME } from '../../instances/marker.ts';
import type { SeriesStore } from '../../series/series-store.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import type { Log } from '../../shared/log.ts';
import type { Meter } from '../../shared/metrics.ts';
import { addSeconds, type Clock, type Instant, laterOf } from '../../shared/time.ts';
import type { DropWriter } from './canary.ts';
import { type CanarySettings, canaryFolder, judgeCanary } from './canary.ts';
import { listCanaryDrops, runNameOf } from './canary-drops.ts';
import { canaryStudy } from './canary-study.ts';

export interface CanaryDeps {
  settings: CanarySettings;
  /** Bucket names are unique, so UIDs made from this one are unique to the deployment. */
  dropBucketName: string;
  drop: Pick<DropBucket, 'list'>;
  dropWriter: DropWriter;
  series: Pick<SeriesStore, 'load'>;
  clock: Clock;
  log: Log;
  meter: Meter;
}

export interface CanaryReport {
  succeeded: number;
  failed: number;
  hasDropped: boolean;
}

/**
 * Studies that were decided during the last run are reported again: longer than a run takes, and than clocks differ. A study
 * reported twice changes no alarm, whereas one that is never reported would hide a failure.
 */
const OVERLAP_SECONDS = 300;
const PUTS_AT_ONCE = 8;

/**
 * One run: reports the studies that were decided since the last run, then drops its own. It has no state of its own: the
 * bucket holds what earlier runs dropped, and the table holds the results.
 *
 * - A run that is repeated makes the same study under the same keys, or finds its marker and drops nothing.
 * - A missing run has no folder. The next one reports what was decided since the last drop, however long ago.
 * - If a run dies before its drop, the next one reports again. If it dies during the drop, its folder has no marker and is
 *   ignored.
 *
 * @param at of the schedule, the same for a repeated run
 */
export async function runCanary(deps: CanaryDeps, at: Instant): Promise<CanaryReport> {
  const { settings, clock } = deps;
  const now = clock().toISOString();
  const drops = await listCanaryDrops(
    deps.drop,
    settings.prefix,
    addSeconds(now, -lookBackSeconds(settings)),
  );
  const lastRunAt = drops.map(({ droppedAt }) => droppedAt).reduce(laterOf, '');
  const reportedUntil = lastRunAt === '' ? '' : addSeconds(lastRunAt, -OVERLAP_SECONDS);
  const report: CanaryReport = { succeeded: 0, failed: 0, hasDropped: false };
  for (const drop of drops) {
    const id = { source: settings.source, seriesInstanceUid: studyOf(deps, drop.run).seriesInstanceUid };
    const series = await deps.series.load(id);
    const verdict = judgeCanary(drop, series, settings, now);
    if (verdict.kind === 'pending' || verdict.decidedAt <= reportedUntil) continue;
    const { source } = settings;
    if (verdict.kind === 'succeeded') {
      report.succeeded += 1;
      deps.meter('CanarySucceeded', 1, { source });
      deps.meter('CanarySeconds', verdict.seconds, { source });
    } else {
      report.failed += 1;
      deps.meter('CanarySucceeded', 0, { source });
      deps.log('error', 'canary failed', { ...id, why: verdict.why, state: series?.state });
    }
  }
  const run = runNameOf(at);
  if (!drops.some((drop) => drop.run === run)) {
    await dropStudy(deps, run);
    report.hasDropped = true;
  }
  deps.log('info', 'canary ran', { source: settings.source, ...report });
  return report;
}

/** Covers three missing runs: by then there is an alarm for missing data. */
function lookBackSeconds({ everyMinutes, withinMinutes }: CanarySettings): number {
  return (withinMinutes + 3 * everyMinutes) * 60 + OVERLAP_SECONDS;
}

function studyOf({ settings, dropBucketName }: CanaryDeps, run: string) {
  return canaryStudy(`${dropBucketName}/${settings.source}/${run}`, run);
}

/** The marker is dropped last, when all instances are there. */
async function dropStudy(deps: CanaryDeps, run: string): Promise<void> {
  const folder = `${canaryFolder(deps.settings.prefix)}${run}/`;
  await mapConcurrently([...studyOf(deps, run).instances()], PUTS_AT_ONCE, ({ name, bytes }) =>
    deps.dropWriter.put(folder + name, bytes),
  );
  await deps.dropWriter.put(folder + MARKER_NAME, Buffer.alloc(0));
}

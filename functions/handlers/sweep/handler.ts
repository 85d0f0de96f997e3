import type { Context } from 'aws-lambda';
import { scheduleProbe } from '../../admission/circuit-breaker.ts';
import type { SourceStateStore } from '../../admission/source-state.ts';
import type { SeriesId } from '../../instances/series-id.ts';
import { type SweepDeps, sweepSeries } from '../../recovery/sweep/sweep-series.ts';
import { mapConcurrently } from '../../shared/concurrency.ts';
import { errorFields } from '../../shared/log.ts';
import * as z from '../../shared/schema.ts';
import type { LoadSources, Source } from '../../sources/source.ts';

export type SweepHandlerDeps = SweepDeps & { loadSources: LoadSources; sourceStates: SourceStateStore };

/**
 * The schedule sends its own event, which says nothing. `{"everything": true}` takes up every open series whether due or not:
 * for a host that knows that no other run is at work, such as one that has just started.
 */
const sweepEvent = z.object({ everything: z._default(z.boolean(), false) });

const PAGE = 100;
/** Series at once: each waits for the table, a queue and the table again. One by one, a backlog took a minute for a thousand. */
const AT_ONCE = 16;
/** Less than this, and the rest is for the next sweep. */
const RESERVE_MS = 10_000;
/** Later than any series is due. */
const END_OF_TIME = '9999-12-31T23:59:59.999Z';

/** Sends the message of each series that is overdue. */
export function createHandler(deps: SweepHandlerDeps) {
  return async (event: unknown, context: Context): Promise<{ moved: number }> => {
    const { everything } = sweepEvent.parse(event ?? {});
    const sources = new Map((await deps.loadSources()).map((source) => [source.name, source]));
    const until = everything ? END_OF_TIME : deps.clock().toISOString();
    const seen = new Set<string>();
    let moved = 0;
    while (context.getRemainingTimeInMillis() > RESERVE_MS) {
      const due = await deps.series.due(until, PAGE + seen.size);
      const fresh = due.filter((id) => !seen.has(`${id.source}#${id.seriesInstanceUid}`));
      if (fresh.length === 0) break;
      for (const id of fresh) seen.add(`${id.source}#${id.seriesInstanceUid}`);
      const outcomes = await mapConcurrently(fresh, AT_ONCE, async (id) => {
        const source = sources.get(id.source);
        if (source === undefined) return 'left';
        // One series' trouble must not keep the others waiting: the oldest comes first in every sweep.
        return sweepOne(deps, id, source, until, everything).catch((error: unknown) => {
          deps.log('error', 'series could not be swept', { ...id, ...errorFields(error) });
          return 'left' as const;
        });
      });
      moved += outcomes.filter((outcome) => outcome === 'moved').length;
    }
    let stopped = 0;
    for (const source of sources.values()) {
      // One source's trouble must not keep the others waiting.
      const isStopped = await lookAt(deps, source, everything).catch((error: unknown) => {
        deps.log('error', 'source could not be looked at', { source: source.name, ...errorFields(error) });
        return false;
      });
      if (isStopped) stopped += 1;
    }
    // Of the whole deployment: a zero for each source each minute would cost as much as a busy source.
    if (stopped === 0) deps.meter('OpenCircuits', 0);
    deps.meter('SweptSeries', moved);
    if (moved > 0) deps.log('warn', 'swept', { moved });
    return { moved };
  };
}

/** `afterPause`: no function was running until now, so no probe is at work, and the next one is due. */
async function lookAt(deps: SweepHandlerDeps, { name }: Source, afterPause: boolean): Promise<boolean> {
  const now = deps.clock().toISOString();
  const { state } = await deps.sourceStates.decide(name, (standing) => ({
    state: afterPause ? scheduleProbe(standing, 0, now) : standing,
  }));
  const isStopped = state.stop !== undefined;
  if (isStopped) deps.meter('OpenCircuits', 1, { source: name });
  return isStopped;
}

async function sweepOne(
  deps: SweepHandlerDeps,
  id: SeriesId,
  source: Source,
  until: string,
  afterPause: boolean,
): Promise<'moved' | 'left'> {
  const series = await deps.series.load(id);
  // The index may be behind the row: a run that has moved it since is at work.
  if (series?.dueAt === undefined || series.dueAt > until) return 'left';
  return sweepSeries(deps, series, source, afterPause);
}

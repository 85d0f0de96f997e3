import { defined } from '../core/defined.ts';
import { type Finding, nextPosition, type Position } from '../core/reconciliation.ts';
import { checkGone } from './check-gone.ts';
import { checkObjects } from './check-objects.ts';
import { checkQuarantine } from './check-quarantine.ts';
import { checkSeriesPage } from './check-series.ts';
import { type ReconcileDeps, type ReconcileRequest, Slice } from './slice.ts';

/** Compares one page. `next` is absent after the last one. Every page may be compared twice. `lookedAt` goes from page to page. */
export async function reconcilePage(
  deps: ReconcileDeps,
  request: ReconcileRequest,
  at: Position,
  lookedAt: Set<string>,
): Promise<{ findings: Finding[]; next?: Position }> {
  const slice = new Slice(deps, request, await deps.loadSources(), await deps.loadBrokenPrefixes(), lookedAt);
  const next = nextPosition(at, await checkPage(slice, at));
  return { findings: slice.findings, ...defined({ next }) };
}

function checkPage(slice: Slice, { phase, after }: Position): Promise<string | undefined> {
  switch (phase) {
    case 'objects':
      return checkObjects(slice, after);
    case 'gone':
      return checkGone(slice, after);
    case 'series':
      return checkSeriesPage(slice, after);
    case 'quarantine':
      return checkQuarantine(slice, after);
    default:
      return phase satisfies never;
  }
}

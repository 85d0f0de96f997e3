import { defined } from '../../shared/defined.ts';
import { checkObjects } from './check-objects.ts';
import { checkQuarantine } from './check-quarantine.ts';
import { checkSeriesPage } from './check-series.ts';
import { PageContext, type ReconcileDeps, type ReconcileRequest } from './page-context.ts';
import { recheckMissing } from './recheck-missing.ts';
import { type Finding, nextPosition, type Position } from './reconciliation.ts';

/** Compares one page; idempotent. `next` is absent after the last page. `rechecked` is shared by the pages of a run. */
export async function reconcilePage(
  deps: ReconcileDeps,
  request: ReconcileRequest,
  at: Position,
  rechecked: Set<string>,
): Promise<{ findings: Finding[]; next?: Position }> {
  const context = new PageContext(
    deps,
    request,
    await deps.loadSources(),
    await deps.loadMisconfiguredPrefixes(),
    rechecked,
  );
  const next = nextPosition(at, await checkPage(context, at));
  return { findings: context.findings, ...defined({ next }) };
}

function checkPage(context: PageContext, { phase, after }: Position): Promise<string | undefined> {
  switch (phase) {
    case 'objects':
      return checkObjects(context, after);
    case 'missing':
      return recheckMissing(context, after);
    case 'series':
      return checkSeriesPage(context, after);
    case 'quarantine':
      return checkQuarantine(context, after);
    default:
      return phase satisfies never;
  }
}

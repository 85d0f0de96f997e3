import { defined } from '../../shared/defined.ts';
import { OBJECTS } from './check-objects.ts';
import { QUARANTINE } from './check-quarantine.ts';
import { SERIES } from './check-series.ts';
import { PageContext, type PhaseWork, type ReconcileDeps, type ReconcileRequest } from './page-context.ts';
import { MISSING } from './recheck-missing.ts';
import { type Finding, nextPosition, type Position } from './reconciliation.ts';

/**
 * Compares one page; idempotent. `next` is absent after the last page. `rechecked` is shared by the pages of a run. With
 * `isPassedOver` the page is listed and not checked, which is a finding.
 */
export async function reconcilePage(
  deps: ReconcileDeps,
  request: ReconcileRequest,
  at: Position,
  rechecked: Set<string>,
  isPassedOver = false,
): Promise<{ findings: Finding[]; next?: Position }> {
  const context = new PageContext(
    deps,
    request,
    await deps.loadSources(),
    await deps.loadMisconfiguredPrefixes(),
    rechecked,
  );
  const next = nextPosition(at, await runPage(context, at, isPassedOver));
  return { findings: context.findings, ...defined({ next }) };
}

function runPage(
  context: PageContext,
  { phase, after }: Position,
  isPassedOver: boolean,
): Promise<string | undefined> {
  const run = async <Item>({ list, check }: PhaseWork<Item>) => {
    const { items, next } = await list(context, after);
    if (isPassedOver) context.report('page_failed', {}, 'failed');
    else await check(context, items);
    return next;
  };
  switch (phase) {
    case 'objects':
      return run(OBJECTS);
    case 'missing':
      return run(MISSING);
    case 'series':
      return run(SERIES);
    case 'quarantine':
      return run(QUARANTINE);
    default:
      return phase satisfies never;
  }
}

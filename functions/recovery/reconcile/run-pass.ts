import { defined } from '../../shared/defined.ts';
import { secondsBetween } from '../../shared/time.ts';
import type { ReconcileDeps } from './page-context.ts';
import { reconcilePage } from './reconcile-page.ts';
import { countFindings, type ReconciliationPass, START } from './reconciliation.ts';

/** The shortest time between the starts of two passes. */
const PASS_EVERY_SECONDS = 24 * 3600;

/** Longer than the ingest queue takes until the last receive of an event: ten receives, 90 s apart. */
export const MIN_AGE_SECONDS = 15 * 60;

/** The longest time that a page may take. */
const RESERVE_MS = 120_000;

/**
 * Resumes the pass over everything, or begins one if the last began a day ago. Its position is saved after each page, so that
 * the next run continues after a run that died or ran out of time.
 */
export async function runPass(
  deps: ReconcileDeps,
  isRepair: boolean,
  remainingMs: () => number,
): Promise<{ pages: number; isComplete: boolean }> {
  const now = deps.clock().toISOString();
  const last = await deps.reconciliation.loadPass();
  const isOver = last?.position === undefined;
  if (last !== undefined && isOver && secondsBetween(last.startedAt, now) < PASS_EVERY_SECONDS)
    return { pages: 0, isComplete: true };
  let pass: ReconciliationPass =
    last !== undefined && !isOver ? last : { startedAt: now, position: START, counts: {} };
  let pages = 0;
  const rechecked = new Set<string>();
  while (pass.position !== undefined && remainingMs() > RESERVE_MS) {
    const request = { isRepair, minAgeSeconds: MIN_AGE_SECONDS };
    const { findings, next } = await reconcilePage(deps, request, pass.position, rechecked);
    pass = {
      startedAt: pass.startedAt,
      counts: countFindings(findings, pass.counts),
      ...defined({ position: next }),
    };
    await deps.reconciliation.savePass(pass);
    pages += 1;
  }
  const isComplete = pass.position === undefined;
  if (isComplete) logResult(deps, pass);
  else deps.log('info', 'reconciliation goes on with the next run', { pages });
  return { pages, isComplete };
}

function logResult(deps: ReconcileDeps, pass: ReconciliationPass): void {
  for (const [name, findings] of Object.entries(pass.counts)) {
    const [source, kind, outcome] = name.split(' ');
    deps.log('warn', 'reconciliation found', { source, kind, outcome, findings });
  }
  deps.log('info', 'reconciliation ended', { startedAt: pass.startedAt });
}

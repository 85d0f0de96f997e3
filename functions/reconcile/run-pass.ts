import { defined } from '../core/defined.ts';
import { countFindings, type Pass, START } from '../core/reconciliation.ts';
import { secondsBetween } from '../core/time.ts';
import { reconcilePage } from './reconcile-page.ts';
import type { ReconcileDeps } from './slice.ts';

/** A pass over everything begins so often at most. */
const PASS_EVERY_SECONDS = 24 * 3600;

/** Longer than the ingest queue takes to give an event its last try: ten receives, 90 s apart. */
export const SETTLED_SECONDS = 15 * 60;

/** A page may take so long. */
const RESERVE_MS = 120_000;

/**
 * Goes on with the pass over everything, or begins one when the last began a day ago. Where it stands is written after each
 * page, so that a run that dies or whose time is up is gone on with by the next.
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
  let pass: Pass = last !== undefined && !isOver ? last : { startedAt: now, position: START, counts: {} };
  let pages = 0;
  const lookedAt = new Set<string>();
  while (pass.position !== undefined && remainingMs() > RESERVE_MS) {
    const request = { isRepair, minAgeSeconds: SETTLED_SECONDS };
    const { findings, next } = await reconcilePage(deps, request, pass.position, lookedAt);
    pass = {
      startedAt: pass.startedAt,
      counts: countFindings(findings, pass.counts),
      ...defined({ position: next }),
    };
    await deps.reconciliation.savePass(pass);
    pages += 1;
  }
  const isComplete = pass.position === undefined;
  if (isComplete) tell(deps, pass);
  else deps.log('info', 'reconciliation goes on with the next run', { pages });
  return { pages, isComplete };
}

function tell(deps: ReconcileDeps, pass: Pass): void {
  for (const [name, findings] of Object.entries(pass.counts)) {
    const [source, kind, outcome] = name.split(' ');
    deps.log('warn', 'reconciliation found', { source, kind, outcome, findings });
  }
  deps.log('info', 'reconciliation ended', { startedAt: pass.startedAt });
}

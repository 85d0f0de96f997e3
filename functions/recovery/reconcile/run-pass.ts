import { causeOf, type DeadLetterCause } from '../../shared/dead-letter-cause.ts';
import { defined } from '../../shared/defined.ts';
import { errorFields } from '../../shared/log.ts';
import { secondsBetween } from '../../shared/time.ts';
import type { ReconcileDeps } from './page-context.ts';
import { beginPass, endPass, scopeOf } from './pass-window.ts';
import { reconcilePage } from './reconcile-page.ts';
import { countFindings, type Finding, type Position, type ReconciliationPass } from './reconciliation.ts';

/** The shortest time between the starts of two passes. */
const PASS_EVERY_SECONDS = 24 * 3600;

/** Ten receives of an event, 90 s apart. One that fails for longer is indexed by both, which changes nothing. */
export const MIN_AGE_SECONDS = 15 * 60;

/** The longest time that a page may take. */
const RESERVE_MS = 120_000;

/** A page that fails for two hours, while it can be listed and no outage is the cause, fails because of what is in it. */
const MAX_FAILED_RUNS = 8;
/** So many more runs ended without an error: the page takes longer than a run has. It is not tried again. */
const MAX_TIMED_OUT_RUNS = 2;
/** However long they last, the page is tried again. */
const OUTAGES: readonly DeadLetterCause[] = [
  'throttled',
  'service_unavailable',
  'network',
  'table_unavailable',
];

type Page = Awaited<ReturnType<typeof reconcilePage>>;

/**
 * Resumes the pass, or begins one if the last began a day ago or a full one is requested. Its position is saved after each page, so that
 * the next run continues after a run that died or ran out of time. A run is counted before its first page, because a page that
 * takes too long ends it without an error.
 */
export async function runPass(
  deps: ReconcileDeps,
  { isRepair, isFull }: { isRepair: boolean; isFull: boolean },
  remainingMs: () => number,
): Promise<{ pages: number; isComplete: boolean }> {
  const now = deps.clock().toISOString();
  const last = await deps.reconciliation.loadPass();
  const isOver = last?.position === undefined;
  const isDue = last === undefined || secondsBetween(last.startedAt, now) >= PASS_EVERY_SECONDS;
  if (isOver && !isDue && !isFull) return { pages: 0, isComplete: true };
  const scope = scopeOf(await deps.loadSources(), await deps.loadMisconfiguredPrefixes());
  let pass = last === undefined || isOver || isFull ? beginPass(last, scope, isFull, now) : last;
  let pages = 0;
  const rechecked = new Set<string>();
  const request = { isRepair, minAgeSeconds: MIN_AGE_SECONDS, ...defined({ since: pass.since }) };
  await deps.reconciliation.savePass({ ...pass, failedRuns: (pass.failedRuns ?? 0) + 1 });
  while (pass.position !== undefined && remainingMs() > RESERVE_MS) {
    const at = pass.position;
    const check = (isPassedOver: boolean) => reconcilePage(deps, request, at, rechecked, isPassedOver);
    const { findings, next } = await (pages === 0 ? checkFirst : checkNext)(deps, pass, check);
    pass = withPage(pass, findings, next);
    if ((await deps.reconciliation.savePass(pass)) === 'replaced') return { pages, isComplete: false };
    tellUnreadable(deps, findings);
    pages += 1;
  }
  const isComplete = pass.position === undefined;
  if (isComplete) logResult(deps, pass);
  else deps.log('info', 'reconciliation goes on with the next run', { pages });
  return { pages, isComplete };
}

function withPage(
  { position: _position, failedRuns: _failed, ...pass }: ReconciliationPass,
  findings: readonly Finding[],
  next: Position | undefined,
): ReconciliationPass {
  const counts = countFindings(findings, pass.counts);
  return next === undefined ? endPass({ ...pass, counts }) : { ...pass, counts, position: next };
}

type CheckPage = (isPassedOver: boolean) => Promise<Page>;

/** The page that the run before may have failed at. What is passed over, the next pass checks. */
async function checkFirst(deps: ReconcileDeps, pass: ReconciliationPass, check: CheckPage): Promise<Page> {
  const { failedRuns = 0 } = pass;
  if (failedRuns < MAX_FAILED_RUNS) return checkNext(deps, pass, check);
  try {
    if (failedRuns < MAX_FAILED_RUNS + MAX_TIMED_OUT_RUNS) return await check(false);
  } catch (error) {
    if (isOutage(error)) return notCounted(deps, pass, error);
    deps.log('error', 'reconciliation passes over a page', { failedRuns, ...errorFields(error) });
  }
  // Where not even the listing works, the pass waits.
  return check(true).catch((error: unknown) => notCounted(deps, pass, error));
}

async function checkNext(deps: ReconcileDeps, pass: ReconciliationPass, check: CheckPage): Promise<Page> {
  try {
    return await check(false);
  } catch (error) {
    if (isOutage(error)) return notCounted(deps, pass, error);
    throw error;
  }
}

function isOutage(error: unknown): boolean {
  return OUTAGES.includes(causeOf(error));
}

/** Saves the pass as it was before this run. */
async function notCounted(deps: ReconcileDeps, pass: ReconciliationPass, error: unknown): Promise<never> {
  await deps.reconciliation.savePass(pass);
  throw error;
}

function tellUnreadable(deps: ReconcileDeps, findings: readonly Finding[]): void {
  const unreadable = findings.filter(({ kind }) => kind === 'object_unreadable');
  for (const alike of Map.groupBy(unreadable, ({ source, code }) => `${source} ${code}`).values()) {
    const [{ source, code } = {}] = alike;
    deps.log('warn', 'objects cannot be read', { source, code, objects: alike.length });
    deps.meter('ObjectsUnreadable', alike.length, defined({ source }));
  }
}

function logResult(deps: ReconcileDeps, pass: ReconciliationPass): void {
  for (const [name, findings] of Object.entries(pass.counts)) {
    const [source, kind, outcome] = name.split(' ');
    deps.log('warn', 'reconciliation found', { source, kind, outcome, findings });
  }
  const { startedAt, since } = pass;
  deps.log('info', 'reconciliation ended', { startedAt, isFull: since === undefined });
}

import { CIRCUIT_REASONS, type Circuit, credentialsFingerprintOf, nextCircuitStep } from '../core/circuit.ts';
import { defined } from '../core/defined.ts';
import { workOf } from '../core/lane.ts';
import type { CircuitStore, LoadCredentials } from '../core/ports.ts';
import { licensedProduct } from '../core/product.ts';
import { retry } from '../core/retry.ts';
import type { FailedSeries, Series } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import type { SweepDeps } from './sweep-series.ts';

export interface RecoverDeps extends SweepDeps {
  circuits: CircuitStore;
  loadCredentials: LoadCredentials;
}

/** Retried in one sweep; the rest waits for the next. */
const RETRIES_PER_SWEEP = 200;
const PAGE = 50;
/** Lambda ends a run of the compute stage by then. */
const LONGEST_RUN_SECONDS = 900;

/**
 * A source whose calls were stopped goes on by itself: everything that failed for it is retried once its secret has
 * changed, or one series as a probe every two minutes (a renewed licence changes no secret).
 * `afterPause`: nobody was listening until now, so the probe is due.
 */
export async function recoverSource(deps: RecoverDeps, source: Source, afterPause = false): Promise<void> {
  const { circuit } = await deps.circuits.load(source.name);
  const isOpen = circuit !== undefined && circuit.recoveringAt === undefined;
  deps.meter('OpenCircuits', isOpen ? 1 : 0, { source: source.name });
  if (circuit === undefined) return;
  const credentials = await deps.loadCredentials(source);
  const fingerprint = credentials === undefined ? undefined : credentialsFingerprintOf(credentials);
  const now = deps.clock().toISOString();
  const step = nextCircuitStep(circuit, fingerprint, now);
  switch (step === 'stay' && afterPause ? 'probe' : step) {
    case 'stay':
      return;
    case 'probe': {
      // A second one would be a second call, and would take the place of one that stands behind a long queue, again and again.
      if (await isProbeUnderWay(deps, circuit, now)) return;
      // The oldest: a probe that fails becomes the newest, so that each has its turn (a 403 may concern one series only).
      const probe = (await failedOf(deps, source, RETRIES_PER_SWEEP)).at(-1);
      // Nothing failed for it: the next series that comes is the probe.
      if (probe === undefined) return deps.circuits.amend({ ...circuit, recoveringAt: now });
      const { seriesInstanceUid } = probe;
      await deps.circuits.amend({ ...circuit, probedAt: now, probeSeriesInstanceUid: seriesInstanceUid });
      await retryFailed(deps, probe, source);
      return;
    }
    case 'recover':
      return recover(deps, source, { ...circuit, recoveringAt: circuit.recoveringAt ?? now });
  }
}

async function recover(
  deps: RecoverDeps,
  source: Source,
  circuit: Circuit & { recoveringAt: Instant },
): Promise<void> {
  await deps.circuits.amend(circuit);
  // What fails again from here on has had its second chance: a series that is refused for itself must not come round for ever.
  const failed = await failedOf(deps, source, RETRIES_PER_SWEEP, circuit.recoveringAt);
  for (const series of failed) await retryFailed(deps, series, source);
  deps.log('info', 'source goes on', { source: source.name, retried: failed.length });
  // Only when nothing is left, and unless a call has been refused again in the meantime.
  if (failed.length > 0) return;
  await deps.circuits.resetDenials(source.name);
  await deps.circuits.removeRecovered(source.name);
}

async function retryFailed(deps: RecoverDeps, series: FailedSeries, source: Source): Promise<void> {
  const outcome = retry(series, {}, source, deps.clock().toISOString());
  if (outcome.kind === 'refused') return;
  const saved = await deps.series.save(outcome.series);
  if (saved.kind === 'conflict') return;
  await deps.queues.sendCompute({ ...workOf(saved.series), tries: 0 }, 0);
}

/** Whether the probe has its call still before it, or may be making it at this moment. */
async function isProbeUnderWay(deps: RecoverDeps, circuit: Circuit, now: Instant): Promise<boolean> {
  const { source, probeSeriesInstanceUid: seriesInstanceUid } = circuit;
  if (seriesInstanceUid === undefined) return false;
  const probe = await deps.series.load({ source, seriesInstanceUid });
  if (probe?.state === 'COMPLETE') return true;
  return probe?.state === 'UPLOADING' && now < addSeconds(probe.changedAt, LONGEST_RUN_SECONDS);
}

/** Series that failed because the source was refused (before this time), newest first. */
async function failedOf(
  deps: RecoverDeps,
  source: Source,
  limit: number,
  before?: Instant,
): Promise<FailedSeries[]> {
  const failed: FailedSeries[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.series.list({
      state: 'FAILED',
      source: source.name,
      limit: PAGE,
      ...defined({ cursor }),
    });
    failed.push(
      ...page.series
        .filter(isRefusedByQure)
        // One for a product that has left the list is no probe, and would keep all others from being one.
        .filter(({ product }) => product === undefined || licensedProduct(source, product) !== undefined)
        .filter(({ changedAt }) => before === undefined || changedAt <= before),
    );
    cursor = page.cursor;
  } while (cursor !== undefined && failed.length < limit);
  return failed.slice(0, limit);
}

function isRefusedByQure(series: Series): series is FailedSeries {
  return series.state === 'FAILED' && CIRCUIT_REASONS.includes(series.reason);
}

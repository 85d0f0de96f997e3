import { knownProducts } from '../qure/product.ts';
import { isNotImplemented } from '../qure/usecase.ts';
import type { Meter } from '../shared/metrics.ts';
import { type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { type CompletionDecision, type DoneSeries, isFinal, type Series } from './series.ts';

const BUILT_IN_USECASES = knownProducts({}).map(({ usecase }) => usecase);

/**
 * Counts the state that a series has just entered, after the conditional save that made the transition: a run that lost
 * against another save counts nothing. A run that dies between the two leaves one series uncounted; the row and its event
 * tell of it all the same.
 */
export function meterTransition(meter: Meter, series: Series): void {
  const { source } = series;
  switch (series.state) {
    case 'RECEIVING':
    case 'UPLOADING':
      break;
    case 'COMPLETE':
      meter('SeriesCompleted', 1, { source, evidence: series.evidence });
      meterJudgement(meter, series);
      break;
    case 'COMPUTING':
      meter('SecondsToCompute', secondsWaited(series), { source, product: series.product });
      break;
    case 'DONE':
      meter('SeriesDone', 1, { source, product: series.product, usecase: usecaseOf(series) });
      meter('SecondsToResult', secondsWaited(series), { source, product: series.product });
      break;
    case 'SKIPPED':
      meter('SeriesSkipped', 1, { source, reason: series.reason });
      meterJudgement(meter, series);
      break;
    case 'UNSUPPORTED':
      meter('SeriesUnsupported', 1, { source, product: series.product, reason: series.reason });
      break;
    case 'FAILED':
      meter('SeriesFailed', 1, { source, reason: series.reason });
      // No other failure comes with the judgement; later ones would count what was counted before.
      if (series.reason === 'incomplete_geometry') meterJudgement(meter, series);
      break;
    default:
      series satisfies never;
  }
}

/** What was found when the series was judged: one count for each kind. */
function meterJudgement(
  meter: Meter,
  { source, quality = {}, outsideIndication = [] }: CompletionDecision & Pick<Series, 'source'>,
): void {
  for (const reason of Object.keys(quality)) meter('QualityFindings', 1, { source, reason });
  for (const reason of outsideIndication) meter('OutsideIndications', 1, { source, reason });
}

/** A use case may be anything, and each name is a metric: one that is not built in goes by the name of its product. */
function usecaseOf({ usecase, product }: DoneSeries): string {
  if (usecase === undefined) return 'none';
  if (isNotImplemented(usecase)) return 'not_implemented';
  return BUILT_IN_USECASES.includes(usecase) ? usecase : product.toLowerCase();
}

/**
 * Counts a look at a series whose result is later than its source's service level. A run that works on a series or sweeps it
 * looks: the number says that there is such a series, not how many.
 */
export function meterOverdue(
  meter: Meter,
  series: Series,
  source: Pick<Source, 'name' | 'serviceLevelSeconds'>,
  now: Instant,
): void {
  if (isFinal(series) || secondsBetween(waitingSince(series), now) <= source.serviceLevelSeconds) return;
  meter('SeriesOverdue', 1, { source: source.name });
}

/** Since when an answer to the series is awaited: its last instance, or a later wish to have it computed again. */
function waitingSince(series: Series): Instant {
  return ('recomputeRequestedAt' in series ? series.recomputeRequestedAt : undefined) ?? series.lastArrivalAt;
}

/** Until the transition; 0 where two clocks disagree about the order. */
function secondsWaited(series: Series): number {
  return Math.max(0, secondsBetween(waitingSince(series), series.changedAt));
}

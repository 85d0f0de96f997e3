import type { Meter } from './metrics.ts';
import type { Series } from './series.ts';
import { secondsBetween } from './time.ts';

/**
 * Counts the state that a series has just entered, after the conditional save that made the transition: whoever lost
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
      break;
    case 'COMPUTING':
      meter('SecondsToCompute', secondsWaited(series), { source, product: series.product });
      break;
    case 'DONE':
      meter('SeriesDone', 1, { source, product: series.product });
      meter('SecondsToResult', secondsWaited(series), { source, product: series.product });
      break;
    case 'SKIPPED':
      meter('SeriesSkipped', 1, { source, reason: series.reason });
      break;
    case 'UNSUPPORTED':
      meter('SeriesUnsupported', 1, { source, product: series.product });
      break;
    case 'FAILED':
      meter('SeriesFailed', 1, { source, reason: series.reason });
      break;
    default:
      series satisfies never;
  }
}

/** From the arrival of the last instance to the transition; 0 where two clocks disagree about the order. */
function secondsWaited(series: Series): number {
  return Math.max(0, secondsBetween(series.lastArrivalAt, series.changedAt));
}

import { defined } from '../shared/defined.ts';
import type { Instant } from '../shared/time.ts';
import type { EarlierGeneration, Series } from './series.ts';
import { isSimulatedResult } from './simulated-result.ts';
import { triageOfResult } from './triage.ts';

/** A series that is opened more often keeps the last ones: a row holds 400 KB, and is written often. */
const MAX_EARLIER = 20;

/** What the row keeps of its generations when the next one begins. */
export function leaveGeneration(
  series: Series,
  leftFor: EarlierGeneration['leftFor'],
  leftAt: Instant,
): { earlierGenerations: EarlierGeneration[] } {
  const { generation, state, changedAt, earlierGenerations = [] } = series;
  const judged =
    series.state === 'RECEIVING'
      ? {}
      : { instances: series.instances, evidence: series.evidence, completedAt: series.completedAt };
  const reason = 'reason' in series ? series.reason : undefined;
  const triage = 'triageStatus' in series ? triageOfResult(series) : undefined;
  const isSimulated =
    (series.state === 'DONE' || triage !== undefined) && isSimulatedResult(series)
      ? (true as const)
      : undefined;
  const facts = defined({ reason, triage, isSimulated });
  const left = { generation, state, changedAt, leftAt, leftFor, ...judged, ...facts };
  return { earlierGenerations: [...earlierGenerations, left].slice(-MAX_EARLIER) };
}

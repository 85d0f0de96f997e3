import { addSeconds, type Instant } from '../shared/time.ts';
import { lastingWorkspaceIdOf } from '../sources/qure-credentials.ts';
import type { Source } from '../sources/source.ts';
import { leaveGeneration } from './earlier-generations.ts';
import { priorityField } from './job.ts';
import type { CompleteSeries, Series, SeriesUnderWay } from './series.ts';
import { commonFields, decisionFields, STAGE_GRACE_SECONDS } from './series-parts.ts';

/** Every process has loaded the present address and credentials by then (`functions/aws/cached.ts`): none brings the series to the old Qure again. */
export const ADDRESS_LOADED_SECONDS = 60;

/** Whether the series has been brought to another Qure, or another workspace, than the source has now. */
export function isElsewhere(
  { workspace }: Pick<Series, 'workspace'>,
  credentials: Parameters<typeof lastingWorkspaceIdOf>[0],
): boolean {
  return workspace !== undefined && workspace !== lastingWorkspaceIdOf(credentials);
}

/**
 * The source has another Qure than the series was brought to. Upload marks, acceptance and answers of the old one are void, so
 * everything is sent, and it is the next generation: no file and no call of the old one can be taken for one of the new. The
 * message that follows waits `ADDRESS_LOADED_SECONDS`.
 */
export function bringAnew(
  series: SeriesUnderWay,
  source: Pick<Source, 'deliveryTimeoutSeconds'>,
  now: Instant,
): CompleteSeries {
  const {
    accepted: _accepted,
    callIntent: _called,
    lastAnswer: _answered,
    workspace: _left,
    ...kept
  } = commonFields(series);
  const generation = series.generation + 1;
  const { recomputeRequestedAt } = series;
  return {
    ...kept,
    ...decisionFields(series),
    ...leaveGeneration(series, 'other_qure', now),
    state: 'COMPLETE',
    product: series.product,
    ...priorityField(series.priority),
    generation,
    workspaceSince: generation,
    uploadRound: series.uploadRound + 1,
    ticket: series.ticket + 1,
    restarts: 0,
    ...(recomputeRequestedAt === undefined ? {} : { recomputeRequestedAt }),
    deliveryDeadline: addSeconds(now, source.deliveryTimeoutSeconds),
    changedAt: now,
    dueAt: addSeconds(now, ADDRESS_LOADED_SECONDS + STAGE_GRACE_SECONDS),
  };
}

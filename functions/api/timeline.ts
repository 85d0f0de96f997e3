import { isFinal, type Series } from '../series/series.ts';
import type { RoutedSeries } from '../series/series-parts.ts';
import { defined } from '../shared/defined.ts';
import type * as z from '../shared/schema.ts';
import type { Instant } from '../shared/time.ts';
import type { timelineEntry } from './series-view-schema.ts';

export type TimelineEntry = z.output<typeof timelineEntry>;

/** The steps of the present generation, in the order in which they follow one another. What is not known is left out. */
export function timelineOf(series: Series): TimelineEntry[] {
  return [
    entry('firstObject', series.firstArrivalAt),
    entry('lastObject', series.lastArrivalAt),
    ...judgedSteps(series),
    ...deliverySteps(series),
    ...(isFinal(series) ? entry('ended', series.changedAt, { state: series.state }) : []),
    // Of an earlier state, it is waited for no longer.
    ...(isFinal(series) ? entry('announced', series.announcedAt) : []),
  ].flat();
}

function judgedSteps(series: Series): TimelineEntry[] {
  if (series.state === 'RECEIVING') return [];
  const { completedAt, evidence, silence, instances } = series;
  return entry('judged', completedAt, { evidence, ...defined({ silence }), instances });
}

function deliverySteps(series: Series): TimelineEntry[] {
  if (!('product' in series)) return [];
  const { steps = {}, callIntent, recomputeRequestedAt, generation } = series;
  const calledAt = callIntent?.generation === generation ? callIntent.at : undefined;
  return [
    entry('recomputeRequested', recomputeRequestedAt),
    entry('uploadBegan', steps.uploadBeganAt),
    entry('uploaded', steps.uploadedAt, defined({ instancesAtQure: steps.instancesAtQure })),
    entry('computeCalled', calledAt, answerOf(series, calledAt)),
    entry('polled', steps.lastPollAt, { ...defined({ polls: steps.polls }), ...scheduleOf(series) }),
  ].flat();
}

/** Rows of earlier versions have no plan: then polls grew apart from the interval of the source, as they still do where it has one. */
function scheduleOf({ pollPlan }: RoutedSeries) {
  if (pollPlan === undefined) return { schedule: 'fixed' as const };
  const { basis, knownResults, medianSeconds } = pollPlan;
  return { schedule: basis, knownResults, medianSeconds };
}

/** The last call may have had no answer; what an earlier one was told is none to it. */
function answerOf(series: Series, calledAt = '') {
  if (!('compute' in series) || series.compute === undefined) return {};
  const { at, httpStatus, message } = series.compute;
  return at < calledAt ? {} : { answeredAt: at, httpStatus, message };
}

function entry(
  step: TimelineEntry['step'],
  at: Instant | undefined,
  facts: Omit<TimelineEntry, 'step' | 'at'> = {},
): TimelineEntry[] {
  return at === undefined ? [] : [{ step, at, ...facts }];
}

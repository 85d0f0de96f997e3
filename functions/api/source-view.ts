import { usageOf } from '../admission/quota.ts';
import type { SourceState } from '../admission/source-state.ts';
import { PRODUCTS, productNames } from '../qure/product.ts';
import type { StateCount } from '../series/series-store.ts';
import type * as z from '../shared/schema.ts';
import type { Instant } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import type { sourceView } from './source-view-schema.ts';

export type SourceView = z.output<typeof sourceView>;

/** A source as the operations of a site see it. Nothing of its credentials, and no address of Qure, is in it. */
export function toSourceView(
  source: Source,
  state: SourceState,
  backlog: readonly StateCount[],
  now: Instant,
): SourceView {
  const { name, delivery, products, maxConcurrentSeries, dailyBudget, serviceLevelSeconds } = source;
  const { completion, quietPeriodSeconds, maxWaitSeconds } = source;
  const { slots, waiting, units, dayEndsAt } = usageOf(state, now);
  const view: SourceView = {
    name,
    delivery,
    products: productNames(products ?? [...PRODUCTS]),
    serviceLevelMinutes: serviceLevelSeconds / 60,
    completion: { ...completion, quietPeriodSeconds, maxWaitSeconds },
    backlog: [...backlog],
  };
  if (state.stop !== undefined) {
    const { reason, since, nextProbeAt, probeId } = state.stop;
    view.stop = { reason, since, nextProbeAt, isProbing: probeId !== undefined };
  }
  if (maxConcurrentSeries !== undefined)
    view.concurrency = { limit: maxConcurrentSeries, used: slots, waiting };
  if (dailyBudget !== undefined) view.dailyBudget = { limit: dailyBudget, used: units, endsAt: dayEndsAt };
  return view;
}

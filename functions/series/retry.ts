import { isLicensed, licensedProduct, PRODUCTS, type Product, productNames } from '../qure/product.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { leaveGeneration } from './earlier-generations.ts';
import { priorityField } from './job.ts';
import { type CompleteSeries, type Series, stopReasonOf, type UploadingSeries } from './series.ts';
import type { SeriesState } from './series-facts.ts';
import {
  commonFields,
  decisionFields,
  LOST_AT_QURE,
  STAGE_GRACE_SECONDS,
  withoutAcceptance,
} from './series-parts.ts';

export type RetryRequest = { recompute?: boolean; product?: Product };
export type RetryOutcome =
  | { kind: 'retried'; series: CompleteSeries | UploadingSeries }
  | { kind: 'refused'; state: SeriesState; why: string };

/**
 * A person asks for the series again. A plain retry goes on with the same generation: what Qure already has is not
 * uploaded again, what it already accepted is not computed again. With `recompute`, and with another product, a new
 * generation begins and Qure is asked to compute the same instances again. A series that waits for its stopped source stays
 * the very one that it is, and asks at once.
 */
export function retry(
  series: Series,
  request: RetryRequest,
  source: Pick<Source, 'deliveryTimeoutSeconds' | 'priority' | 'products' | 'quality'>,
  now: Instant,
): RetryOutcome {
  const refused = (why: string): RetryOutcome => ({ kind: 'refused', state: series.state, why });
  switch (series.state) {
    case 'RECEIVING':
      return refused('its instances are still arriving; it is judged complete by itself');
    case 'COMPLETE':
    case 'UPLOADING':
      if (stopReasonOf(series) !== undefined && request.recompute !== true && request.product === undefined)
        return { kind: 'retried', series };
      return refused('it is being worked on; wait for a final state');
    case 'COMPUTING':
      return refused('it is being worked on; wait for a final state');
    case 'DONE':
      if (
        request.recompute !== true &&
        (request.product === undefined || request.product === series.product)
      ) {
        return refused('its results are stored; send {"recompute": true} to compute it again');
      }
      break;
    case 'SKIPPED':
      if (request.product === undefined) {
        const names = productNames(source.products ?? PRODUCTS).map((name) => `"${name}"`);
        return refused(`no rule gives it a product; send {"product": ${names.join(' | ')}} to force one`);
      }
      break;
    case 'FAILED':
      if (series.reason === 'incomplete_geometry' && source.quality === 'refuse') {
        return refused(
          'its source says quality: refuse; drop what is missing, or change that in the sources document first',
        );
      }
      break;
    case 'UNSUPPORTED':
      break;
    default:
      return series satisfies never;
  }
  const routed = 'product' in series ? series.product : undefined;
  // What was routed to the other X-ray product goes as the one that is licensed now.
  const product =
    request.product ?? (routed === undefined ? undefined : (licensedProduct(source, routed) ?? routed));
  if (product === undefined) return refused('it has no product; name one');
  // Qure would refuse it, which stops the whole source.
  if (!isLicensed(source, product)) {
    return refused(
      `${product} is not among the products of its source; add it to the sources document first`,
    );
  }
  const isOtherProduct = request.product !== undefined && routed !== undefined && routed !== request.product;
  const startsGeneration = request.recompute === true || isOtherProduct || series.state === 'DONE';
  return {
    kind: 'retried',
    series: {
      ...(isLostAtQure(series) ? withoutAcceptance(series) : commonFields(series)),
      ...decisionFields(series),
      ...(startsGeneration ? leaveGeneration(series, 'retry', now) : {}),
      state: 'COMPLETE',
      product,
      // A skipped series has no priority yet.
      ...priorityField('product' in series ? series.priority : source.priority),
      generation: startsGeneration ? series.generation + 1 : series.generation,
      ticket: series.ticket + 1,
      // What failed for a count or a missing upload is brought once more as a whole. Of files that came with those of another patient
      // none counts as stored (`storedBefore`).
      restarts: series.state === 'FAILED' && series.reason === 'asset_mismatch' ? 1 : 0,
      // Also where an earlier request to compute again was not carried out.
      ...(startsGeneration || ('isRecompute' in series && series.isRecompute === true)
        ? { isRecompute: true }
        : {}),
      // Who waits for a series that has failed has waited since its last instance came, or since it was asked for again.
      ...(series.state === 'FAILED' ? recomputeRequest(series.recomputeRequestedAt) : recomputeRequest(now)),
      deliveryDeadline: addSeconds(now, source.deliveryTimeoutSeconds),
      changedAt: now,
      dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
    },
  };
}

function isLostAtQure(series: Series): boolean {
  return series.state === 'FAILED' && LOST_AT_QURE.includes(series.reason);
}

function recomputeRequest(recomputeRequestedAt: Instant | undefined): { recomputeRequestedAt?: Instant } {
  return recomputeRequestedAt === undefined ? {} : { recomputeRequestedAt };
}

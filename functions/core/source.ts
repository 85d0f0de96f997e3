import type { Priority } from './lane.ts';
import type { Product } from './product.ts';
import type { RoutingRule } from './routing/rules.ts';

/**
 * A source is one sender of scans: a prefix of the drop bucket with its own Qure workspace, rules and times.
 * Read from the sources document (docs/configuration.md); `sources-document.ts` parses and checks it.
 */
export interface Source {
  name: string;
  /** Ends in `/`. Every key below it belongs to this source. */
  prefix: string;
  /** Routes everything that is an image, and not a result of Qure's, to this product; no other rule is asked. */
  product?: Product;
  /**
   * Of what no rule says otherwise about. `routine`: the default rules make nothing urgent either, for example in an
   * archive that is read again.
   */
  priority?: Priority;
  /** Asked in order, before the default rules. */
  rules: RoutingRule[];
  /** Ask the default rules after `rules`. */
  useDefaultRules: boolean;
  /** No new instance for so long means complete. */
  quietPeriodSeconds: number;
  /** The longest that a backlogged ingest queue can put off that judgement, counted from the last arrival. */
  maxWaitSeconds: number;
  /** `upload`: the pipeline uploads to Qure. `external`: another system does. */
  delivery: 'upload' | 'external';
  /** `call`: make the compute call. `automatic`: Qure starts by itself when the upload is whole. */
  compute: 'call' | 'automatic';
  /** The first wait between two polls of results; later waits grow to four times it. */
  pollIntervalSeconds: number;
  /** Give up on results so long after Qure accepted the series. */
  resultsTimeoutSeconds: number;
  /** Give up on bringing the series to Qure so long after it was complete. */
  deliveryTimeoutSeconds: number;
  /** Upload requests at once for one series. */
  uploadConcurrency: number;
}

/** What Qure issues per customer and environment. Never logged, never stored outside the secret. */
export interface QureCredentials {
  baseUrl: string;
  token: string;
  source: string;
}

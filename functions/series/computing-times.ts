import type { ComputingTimes } from '../qure/poll-plan.ts';
import type { Product } from '../qure/product.ts';
import type { Conflict } from './series-store.ts';

/** How long Qure has computed of late for a product of a source, one row. */
export interface KnownTimes {
  source: string;
  product: Product;
  times: ComputingTimes;
  /** Counts the writes of the row; 0: there is none. */
  version: number;
}

export interface ComputingTimesStore {
  /** Strongly consistent. Of a row that cannot be read, as of a later version, no times. */
  load(source: string, product: Product): Promise<KnownTimes>;
  /** Saves where the row still has `version`. */
  save(known: KnownTimes): Promise<{ kind: 'saved' } | Conflict>;
}

import type { SenderHistory } from '@qure-dropoff/learned-quiet';
import type { Conflict } from './series-store.ts';

/** What is known of a sender of a source (`senderOf`), one row. */
export interface KnownSender {
  source: string;
  sender: string;
  history: SenderHistory;
  /** The last series that were learned, as hashes: none is learned twice where its message comes twice. */
  learned: string[];
  /** Counts the writes of the row. */
  version: number;
}

export interface SenderStore {
  /** Strongly consistent. */
  load(source: string, sender: string): Promise<KnownSender | undefined>;
  /** Saves where the row still has `version`; a new one has 0. */
  save(sender: KnownSender): Promise<{ kind: 'saved' } | Conflict>;
}

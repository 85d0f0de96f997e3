import type { SimulatedCall } from './journal.ts';
import type { Reply } from './reply.ts';

/** A handler's answer, and what the journal should know of it. */
export interface HandledCall {
  reply: Reply;
  note?: Pick<SimulatedCall, 'refusal' | 'isRecompute' | 'counts'>;
}

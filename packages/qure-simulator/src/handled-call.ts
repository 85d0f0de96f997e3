import type { SimulatedCall } from './journal.ts';
import type { Reply } from './reply.ts';

/** A handler's answer, with its entry for the journal. */
export interface HandledCall {
  reply: Reply;
  note?: Pick<SimulatedCall, 'refusal' | 'isRecompute' | 'counts'>;
}

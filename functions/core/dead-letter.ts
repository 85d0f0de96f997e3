import * as z from 'zod';
import { DEAD_LETTER_CAUSES, type DeadLetterCause } from './dead-letter-cause.ts';
import type { Instant } from './time.ts';

/** A queue of the pipeline and where its dead letters go, as `infra/` tells a function. */
const deadLetterQueue = z.object({
  /** As in infra/limits.ts, for example `ingest`. */
  stage: z.string().min(1),
  queueArn: z.string().min(1),
  queueUrl: z.string().min(1),
  deadLetterUrl: z.string().min(1),
  /** After so many receives SQS gives a message up. */
  maxReceives: z.number().int().positive(),
});
export type DeadLetterQueue = z.infer<typeof deadLetterQueue>;

/** The variable is not what `infra/` writes. */
export class DeadLetterQueuesError extends Error {
  override name = 'DeadLetterQueuesError';
}

/** Reads the variable `DEAD_LETTER_QUEUES`. @throws DeadLetterQueuesError */
export function parseDeadLetterQueues(text: string): DeadLetterQueue[] {
  try {
    return z.array(deadLetterQueue).parse(JSON.parse(text));
  } catch (cause) {
    throw new DeadLetterQueuesError(
      'expected a JSON list of {stage, queueArn, queueUrl, deadLetterUrl, maxReceives}; see infra/constructs/grants.ts',
      { cause },
    );
  }
}

/** What is known of a message when it is given up. */
export interface DeadLetterNote {
  stage: string;
  cause: DeadLetterCause;
  failedAt: Instant;
  /** How often the message was received, the last time included. */
  receives: number;
  /** The id that it had in its queue, as in the logs; in the dead letters it gets another one. */
  messageId: string;
  /** The source that SQS shares its attention by (see adapters/queues.ts); absent for S3's events. */
  groupId?: string;
  /** The trace that the message came with. */
  traceHeader?: string;
}

/** Where a stage leaves messages that it gives up. */
export interface DeadLetterSink {
  /** `undefined`: not a queue that this function was told of; its messages are left to SQS. */
  queueOf(queueArn: string): Pick<DeadLetterQueue, 'stage' | 'maxReceives'> | undefined;
  send(queueArn: string, body: string, note: DeadLetterNote): Promise<void>;
}

/** A dead letter that was received and is hidden from others for a while. */
export interface HeldLetter {
  messageId: string;
  /** What SQS wants to see when the letter is removed or given back. */
  receipt: string;
  body: string;
  cause: DeadLetterCause;
  /** Absent where SQS moved the message. */
  failedAt?: Instant;
  receives?: number;
  /** As in `DeadLetterNote`. */
  groupId?: string;
  traceHeader?: string;
  /** When it came into the dead letters; for one that SQS moved, when it was sent first. */
  sentAt: Instant;
}

/** The dead letters of every queue. */
export interface DeadLetterBox {
  stages: readonly string[];
  /** Up to ten, hidden for so long; none: nothing is visible, after a wait of a second. */
  receive(stage: string, hiddenSeconds: number): Promise<HeldLetter[]>;
  /** Makes them visible again at once; those for which that fails come back when their time is over. */
  giveBack(stage: string, letters: readonly HeldLetter[]): Promise<void>;
  /** Sends the bodies to the stage's queue. Answers the letters that the queue took. */
  sendBack(stage: string, letters: readonly HeldLetter[]): Promise<HeldLetter[]>;
  /** One that could not be removed comes again, and its message with it: harmless, since every step may run twice. */
  remove(stage: string, letters: readonly HeldLetter[]): Promise<void>;
  /** How many there are, hidden ones included. Approximate, as SQS says. */
  estimate(stage: string): Promise<number>;
}

/** Whatever a message attribute says: one of ours, or `unknown`. */
export function asCause(text: string | undefined): DeadLetterCause {
  return DEAD_LETTER_CAUSES.find((cause) => cause === text) ?? 'unknown';
}

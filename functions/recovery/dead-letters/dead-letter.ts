import { DEAD_LETTER_CAUSES, type DeadLetterCause } from '../../shared/dead-letter-cause.ts';
import * as z from '../../shared/schema.ts';
import type { Instant } from '../../shared/time.ts';

/** A queue of the pipeline and where its dead letters go. */
export interface DeadLetterQueue {
  /** As in infra/limits.ts, for example `ingest`. */
  stage: string;
  queueArn: string;
  queueUrl: string;
  deadLetterUrl: string;
  /** After so many receives SQS moves a message to the dead-letter queue. */
  maxReceives: number;
}

const name = z.string().check(z.regex(/^[\w-]{1,80}$/));

/** As `infra/` tells a function: all queues are in one account and region, so one ARN and URL do for all names. */
const variable = z.object({
  /** Of any of the queues. */
  arn: z.string().check(z.minLength(1)),
  /** Of the same queue. */
  url: z.string().check(z.minLength(1)),
  queues: z.array(
    z.object({
      stage: z.string().check(z.minLength(1)),
      name,
      deadLetters: name,
      maxReceives: z.int().check(z.positive()),
    }),
  ),
});
export type DeadLetterQueuesVariable = z.infer<typeof variable>;

/** The variable is not what `infra/` writes. */
export class DeadLetterQueuesError extends Error {
  override name = 'DeadLetterQueuesError';
}

/** Reads the variable `DEAD_LETTER_QUEUES`. @throws DeadLetterQueuesError */
export function parseDeadLetterQueues(text: string): DeadLetterQueue[] {
  try {
    const { arn, url, queues } = variable.parse(JSON.parse(text));
    const urlOf = (queue: string) => withName(url, '/', queue);
    return queues.map(({ stage, name, deadLetters, maxReceives }) => ({
      stage,
      queueArn: withName(arn, ':', name),
      queueUrl: urlOf(name),
      deadLetterUrl: urlOf(deadLetters),
      maxReceives,
    }));
  } catch (cause) {
    throw new DeadLetterQueuesError(
      'expected JSON of {arn, url, queues: [{stage, name, deadLetters, maxReceives}]}; see infra/constructs/grants.ts',
      { cause },
    );
  }
}

/** The ARN and the URL of a queue end in its name. */
function withName(ofAnother: string, separator: string, name: string): string {
  return ofAnother.slice(0, ofAnother.lastIndexOf(separator) + 1) + name;
}

/** What is stored with a dead letter. */
export interface DeadLetterNote {
  stage: string;
  cause: DeadLetterCause;
  failedAt: Instant;
  /** How often the message was received, the last time included. */
  receives: number;
  /** The id that it had in its queue, as in the logs; the dead-letter queue gives it another one. */
  messageId: string;
  /** The message group of a fair queue: the source (see aws/queues.ts). Absent for S3's events. */
  groupId?: string;
  /** The trace that the message came with. */
  traceHeader?: string;
}

/** The dead-letter queues of the queues that a function consumes. */
export interface DeadLetterSink {
  /** `undefined`: the queue is not in this function's configuration; SQS moves its messages. */
  queueOf(queueArn: string): Pick<DeadLetterQueue, 'stage' | 'maxReceives'> | undefined;
  send(queueArn: string, body: string, note: DeadLetterNote): Promise<void>;
}

/** A dead letter that was received: invisible to others until its visibility timeout ends. */
export interface ReceivedDeadLetter {
  messageId: string;
  /** The receipt handle of SQS. */
  receipt: string;
  body: string;
  cause: DeadLetterCause;
  /** Absent where SQS moved the message. */
  failedAt?: Instant;
  receives?: number;
  /** As in `DeadLetterNote`. */
  groupId?: string;
  traceHeader?: string;
  /** When it was sent to the dead-letter queue; for one that SQS moved, when it was first sent to its queue. */
  sentAt: Instant;
}

/** The dead letters of every queue. */
export interface DeadLetterBox {
  stages: readonly string[];
  /** Up to ten, with `hiddenSeconds` as visibility timeout. None: no letter is visible, after a wait of a second. */
  receive(stage: string, hiddenSeconds: number): Promise<ReceivedDeadLetter[]>;
  /** Sets their visibility timeout to 0; letters for which that fails become visible when it ends. */
  release(stage: string, letters: readonly ReceivedDeadLetter[]): Promise<void>;
  /** Sends the bodies to the stage's queue. Returns the letters that the queue accepted. */
  redrive(stage: string, letters: readonly ReceivedDeadLetter[]): Promise<ReceivedDeadLetter[]>;
  /** A letter that could not be deleted is redriven again later: harmless, since every step is idempotent. */
  remove(stage: string, letters: readonly ReceivedDeadLetter[]): Promise<void>;
  /** The number of letters, invisible ones included; approximate, as SQS counts. */
  estimate(stage: string): Promise<number>;
}

/** The cause in a message attribute; `unknown` for any other text. */
export function asCause(text: string | undefined): DeadLetterCause {
  return DEAD_LETTER_CAUSES.find((cause) => cause === text) ?? 'unknown';
}

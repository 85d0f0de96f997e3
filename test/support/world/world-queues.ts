import { createDeadLetterBox, createDeadLetterSink } from '../../../functions/aws/dead-letters.ts';
import { createQueues, createWaitingDropsCounter } from '../../../functions/aws/queues.ts';
import type { DeadLetterNote } from '../../../functions/recovery/dead-letters/dead-letter.ts';
import type { Queues } from '../../../functions/series/messages.ts';
import { completionMessage, computeMessage, resultsMessage } from '../../../functions/series/messages.ts';
import * as z from '../../../functions/shared/schema.ts';
import type { SimulatedQueue } from '../../services/queue/simulated-queue.ts';
import { SimulatedQueues } from '../../services/queue/simulated-queues.ts';
import { clientOf, directWire } from '../../services/wire.ts';
import type { VirtualClock } from './virtual-clock.ts';

const STAGES = ['ingest', 'completion', 'compute', 'results'];

/** The queue that every event of `sqsEvent` comes from. */
export const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:queue';

type Send<M> = (message: M, delaySeconds: number) => Promise<void>;

/** The queue of a stage; `sent`: everything that was ever sent to it, in order. */
export class StageQueue<M> {
  readonly sent: { message: M; delaySeconds: number }[] = [];
  readonly waiting: SimulatedQueue;
  readonly #schema: { parse(message: unknown): M };

  constructor(waiting: SimulatedQueue, schema: { parse(message: unknown): M }) {
    this.waiting = waiting;
    this.#schema = schema;
  }

  /** The same, and throws for what must never be on this queue. */
  noting(send: Send<M>): Send<M> {
    return async (message, delaySeconds) => {
      const checked = this.#schema.parse(JSON.parse(JSON.stringify(message)));
      await send(message, delaySeconds);
      this.sent.push({ message: checked, delaySeconds });
    };
  }
}

/** The queues as the functions have them and their dead letters, over simulated ones. */
export function createWorldQueues({ nowMs: now }: VirtualClock, waitingDrops: () => number) {
  const service = new SimulatedQueues();
  const sqs = clientOf(service, directWire);
  const noTrace = () => undefined;
  const skewCounts = () => ({ visible: waitingDrops(), inflight: 0, delayed: 0 });
  const stages = STAGES.map((stage) => ({
    stage,
    queue: service.create({ name: stage, now, random: () => 0, ...(stage === 'ingest' && { skewCounts }) }),
    dead: service.create({ name: `dead-${stage}`, now, random: () => 0 }),
  }));
  const of = (stage: string) => {
    const found = stages.find((one) => one.stage === stage);
    if (found === undefined) throw new Error(`expected a stage with a queue, got ${stage}`);
    return found;
  };
  const completion = new StageQueue(of('completion').queue, completionMessage);
  const compute = new StageQueue(of('compute').queue, z.strictObject(computeMessage.shape));
  const polls = new StageQueue(of('results').queue, z.strictObject(resultsMessage.shape));
  // Urgent messages too: which queue is theirs is the adapter's choice, and tested with it.
  const [computeUrl, resultsUrl] = [service.urlOf('compute'), service.urlOf('results')];
  const urls = {
    completion: service.urlOf('completion'),
    compute: computeUrl,
    urgentCompute: computeUrl,
    results: resultsUrl,
    urgentResults: resultsUrl,
  };
  const queues = createQueues(sqs, urls, noTrace);
  const toldOf = (stage: string, maxReceives: number) => ({
    stage,
    queueArn: QUEUE_ARN,
    queueUrl: service.urlOf(stage),
    deadLetterUrl: service.urlOf(`dead-${stage}`),
    maxReceives,
  });
  const told: ReturnType<typeof toldOf>[] = [];
  const box = createDeadLetterBox(
    sqs,
    STAGES.map((stage) => toldOf(stage, 5)),
    noTrace,
  );
  return {
    completion,
    compute,
    polls,
    queues: {
      sendCompletion: completion.noting(queues.sendCompletion),
      sendCompute: compute.noting(queues.sendCompute),
      sendResults: polls.noting(queues.sendResults),
    } satisfies Queues,
    countWaitingDrops: createWaitingDropsCounter(sqs, service.urlOf('ingest')),
    deadLetters: {
      box,
      sink: createDeadLetterSink(sqs, told, noTrace),
      /** The functions know this queue from now on. Of others they leave every message that fails to SQS. */
      tellOf: (stage: string, maxReceives: number) => void told.push(toldOf(stage, maxReceives)),
      /** As the sink would send it; without a note as SQS moves it. */
      put(stage: string, body: string, note: Partial<DeadLetterNote> = {}): void {
        const attributes = Object.entries(note).map(([name, value]) => {
          const DataType = typeof value === 'number' ? 'Number' : 'String';
          return [name, { DataType, StringValue: String(value) }];
        });
        of(stage).dead.send(body, { messageAttributes: Object.fromEntries(attributes) });
      },
      /** Up to ten of each stage that can be received now. */
      async all() {
        const found = STAGES.map(async (stage) =>
          (await box.receive(stage, 0)).map((letter) => ({ stage, ...letter })),
        );
        return (await Promise.all(found)).flat();
      },
      /** So many can be received now. */
      get visible() {
        return stages.reduce((sum, { dead }) => sum + dead.counts().visible, 0);
      },
      /** What was sent back to its stage and waits there. */
      get redriven() {
        return stages.flatMap(({ stage, queue }) => queue.messages().map(({ body }) => ({ stage, body })));
      },
    },
  };
}

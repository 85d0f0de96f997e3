import { STAGES as LIMITS, type StageName, visibilityTimeoutOf } from '../../infra/limits.ts';
import type { SimulatedQueue } from '../services/queue/simulated-queue.ts';
import { SimulatedQueues } from '../services/queue/simulated-queues.ts';
import { type DeliveryWorld, EventSource, type EventSourceSettings } from './event-source.ts';
import { arnOf, deadLetterName, STAGE_NAMES } from './world-names.ts';

export interface QueueWorld extends DeliveryWorld {
  /** Whether the next batch is taken in part, or the next count is wrong. Asked once. */
  takesPart(): boolean;
  /** Whether the next message is given twice. Asked once. */
  isDeliveredTwice(): boolean;
}

/** The queues of the pipeline with their dead letters, and the event sources that take from them, as `infra/` has them. */
export class PipelineQueues {
  readonly service = new SimulatedQueues();
  readonly #world: QueueWorld;
  readonly #queues = new Map<StageName, SimulatedQueue>();
  readonly #deadLetters = new Map<StageName, SimulatedQueue>();
  readonly #sources = new Map<StageName, EventSource>();

  constructor(world: QueueWorld) {
    this.#world = world;
    this.#create();
  }

  /** Something may have become visible. */
  wake(): void {
    for (const source of this.#sources.values()) source.wake();
  }

  get areAtRest(): boolean {
    return [...this.#sources.values()].every(({ isAtRest }) => isAtRest);
  }

  /** What waits in the dead letters, by the stage that gave it up. */
  deadLetters(): { stage: StageName; body: string }[] {
    return [...this.#deadLetters].flatMap(([stage, queue]) =>
      queue.messages().map(({ body }) => ({ stage, body })),
    );
  }

  queueOf(stage: StageName): SimulatedQueue {
    const queue = this.#queues.get(stage);
    if (queue === undefined) throw new Error(`expected a queue of the stage ${stage}`);
    return queue;
  }

  sourceOf(stage: StageName): EventSource {
    const source = this.#sources.get(stage);
    if (source === undefined) throw new Error(`expected an event source of the stage ${stage}`);
    return source;
  }

  /** Queues, dead letters and event sources as `infra/` has them. */
  #create(): void {
    const { random, scheduler } = this.#world;
    for (const stage of STAGE_NAMES) {
      const limits = LIMITS[stage];
      const deadLetters = this.service.create({
        name: deadLetterName(stage),
        now: scheduler.nowMs,
        random: random.next,
      });
      this.#deadLetters.set(stage, deadLetters);
      const queue = this.service.create({
        name: stage,
        now: scheduler.nowMs,
        random: random.next,
        visibilityTimeoutSeconds: visibilityTimeoutOf(limits).toSeconds(),
        redrive: { deadLetterQueue: deadLetterName(stage), maxReceiveCount: limits.maxReceives },
        failedEntries: (entries) => (this.#world.takesPart() ? [random.between(0, entries - 1)] : []),
        isDeliveredTwice: () => this.#world.isDeliveredTwice(),
        skewCounts: (exact) =>
          this.#world.takesPart()
            ? { ...exact, visible: random.isOneIn(2) ? 0 : exact.visible + random.between(1, 5_000) }
            : exact,
      });
      this.#queues.set(stage, queue);
    }
  }

  /** The functions come later than their queues: their environment names these. */
  connect(consumerOf: (stage: StageName) => EventSourceSettings['consumer']): void {
    for (const stage of STAGE_NAMES) {
      const limits = LIMITS[stage];
      this.#sources.set(
        stage,
        new EventSource(
          {
            queue: this.queueOf(stage),
            queueArn: arnOf(stage),
            consumer: consumerOf(stage),
            batchSize: limits.batchSize,
            maxConcurrency: limits.maxConcurrency,
            visibilitySeconds: visibilityTimeoutOf(limits).toSeconds(),
          },
          this.#world,
        ),
      );
    }
  }
}

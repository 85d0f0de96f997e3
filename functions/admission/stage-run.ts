import { UNAVAILABLE_BACKOFF } from '../qure/qure-waits.ts';
import { jobOf } from '../series/job.ts';
import type { Queues } from '../series/messages.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { ComputingSeries, Series, UploadingSeries } from '../series/series.ts';
import { DEADLINE_GRACE_SECONDS, STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import { saveAndAnnounce } from '../series/stage.ts';
import { nextTry } from '../shared/backoff.ts';
import { defined } from '../shared/defined.ts';
import { addSeconds, type Instant, secondsBetween } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import type { HoldDeps } from './hold-back.ts';

export interface RunDeps extends HoldDeps {
  queues: Pick<Queues, 'sendCompute'>;
}

/** So often Qure is asked in a row before it is given up, however late it is. */
const TRIES_PAST_DEADLINE = 4;

/** One run of the compute or of the results stage on its series: what both need for the ways out of it. */
export abstract class StageRun<Deps extends RunDeps, Message, Own extends UploadingSeries | ComputingSeries> {
  readonly deps: Deps;
  readonly message: Message;
  readonly source: Source;
  readonly series: Own;

  constructor(deps: Deps, message: Message, source: Source, series: Own) {
    this.deps = deps;
    this.message = message;
    this.source = source;
    this.series = series;
  }

  /** Holds while this run may work on the series. */
  abstract readonly isOurs: (series: Series) => series is Own;

  now(): Instant {
    return this.deps.clock().toISOString();
  }

  /**
   * Makes a transition from the row as it is now, as long as it is of this run; starts over when another run saves in
   * between. `undefined`: the series has gone another way.
   */
  move<To extends Series>(transition: (series: Own) => To): Promise<To | undefined> {
    return retryOnConflict(this.deps.series, this.series, async (row) => {
      if (row === undefined || !this.isOurs(row)) return undefined;
      const saved = await saveAndAnnounce(this.deps, transition(row));
      return saved.kind === 'conflict' ? saved : saved.series;
    });
  }

  /**
   * Takes the next ticket for a message that this run is about to leave, so that its own message, should SQS deliver it once
   * more, is stale; the sweep waits as long as that one does. The series is held back no more. `undefined`: it has gone
   * another way.
   */
  protected issueNextTicket(delaySeconds: number, change: (series: Own) => Own): Promise<Own | undefined> {
    const dueAt = addSeconds(this.now(), delaySeconds + STAGE_GRACE_SECONDS);
    return retryOnConflict(this.deps.series, this.series, async (row) => {
      if (row === undefined || !this.isOurs(row)) return undefined;
      const { heldBack: _over, ...free } = change(row);
      const saved = await this.deps.series.save({ ...free, ticket: row.ticket + 1, dueAt } as Own);
      return saved.kind === 'conflict' ? saved : saved.series;
    });
  }

  /** Qure took back what it had acknowledged: the compute stage goes on. */
  protected async sendBack(transition: (series: Own) => UploadingSeries): Promise<void> {
    const uploading = await this.move(transition);
    if (uploading === undefined) return;
    await this.deps.queues.sendCompute({ ...jobOf(uploading), tries: 0 }, 2 ** (uploading.restarts - 1));
  }

  /** Until the next try of what Qure did not answer; `undefined` where it is given up. */
  protected retryDelayMs(failures: number, deadline: Instant, retryAfterMs?: number): number | undefined {
    // A message that was lost may come again after the deadline only: Qure is not given up for one failure then.
    const graceSeconds = failures < TRIES_PAST_DEADLINE ? DEADLINE_GRACE_SECONDS : 0;
    const next = nextTry(UNAVAILABLE_BACKOFF, {
      failures,
      random: this.deps.random(),
      remainingMs: (secondsBetween(this.now(), deadline) + graceSeconds) * 1000,
      ...defined({ retryAfterMs }),
    });
    return next.kind === 'wait' ? next.delayMs : undefined;
  }
}

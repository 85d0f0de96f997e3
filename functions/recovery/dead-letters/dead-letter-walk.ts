import type { DeadLetterCause } from '../../shared/dead-letter-cause.ts';
import type { Clock, Instant } from '../../shared/time.ts';
import type { DeadLetterBox, ReceivedDeadLetter } from './dead-letter.ts';

/** Which dead letters; none of both: all. */
export interface DeadLetterFilter {
  stage?: string;
  cause?: DeadLetterCause;
}

export type StageDeadLetter = ReceivedDeadLetter & { stage: string };

export interface DeadLetterWalk {
  clock: Clock;
  /** No request is begun after it. */
  endsAtMs: number;
}

/** Longer than a walk, so that it receives no letter twice; short, so that the letters of a walk that died are visible soon. */
const HIDDEN_SECONDS = 40;
/** Letters of a stage that one call receives at most. */
const MAX_PEEKED = 1000;

export interface PeekedDeadLetters {
  letters: StageDeadLetter[];
  /** Every visible letter has been received. */
  isComplete: boolean;
}

/** Receives dead letters and releases them: they are visible to others again when the walk ends. */
export async function peekDeadLetters(
  box: DeadLetterBox,
  filter: DeadLetterFilter,
  walk: DeadLetterWalk,
): Promise<PeekedDeadLetters> {
  const stages = await Promise.all(stagesOf(box, filter).map((stage) => peekStage(box, stage, walk)));
  const letters = stages.flatMap((one) => one.letters).filter((letter) => isWanted(letter, filter));
  return { letters, isComplete: stages.every(({ isComplete }) => isComplete) };
}

async function peekStage(
  box: DeadLetterBox,
  stage: string,
  walk: DeadLetterWalk,
): Promise<PeekedDeadLetters> {
  const held: ReceivedDeadLetter[] = [];
  const answer = (isComplete: boolean): PeekedDeadLetters => ({
    // SQS may deliver a letter twice.
    letters: [...new Map(held.map((letter) => [letter.messageId, { ...letter, stage }])).values()],
    isComplete,
  });
  try {
    while (held.length < MAX_PEEKED && !isOver(walk)) {
      const received = await box.receive(stage, HIDDEN_SECONDS);
      if (received.length === 0) return answer(true);
      held.push(...received);
    }
    return answer(false);
  } finally {
    await release(box, stage, held);
  }
}

export interface RedriveRequest extends DeadLetterFilter {
  /** The most letters to redrive. */
  limit: number;
  /**
   * Only letters sent until then. One that fails again at once returns while the walk is running, and must not be redriven
   * without end.
   */
  before: Instant;
}

export interface RedriveOutcome {
  moved: number;
  /** The queue did not accept them; they are still dead letters. */
  refused: number;
  /** No letter that matches the request is known to be left. */
  isComplete: boolean;
}

/**
 * Sends dead letters back to their queues. Each is sent before it is deleted: a crash in between repeats a message, and every
 * stage is idempotent. Letters that do not match are released when the walk ends.
 */
export async function redriveDeadLetters(
  box: DeadLetterBox,
  request: RedriveRequest,
  walk: DeadLetterWalk,
): Promise<RedriveOutcome> {
  const budget = { left: request.limit };
  const stages = await Promise.all(
    stagesOf(box, request).map((stage) => redriveStage(box, stage, request, walk, budget)),
  );
  return {
    moved: stages.reduce((sum, { moved }) => sum + moved, 0),
    refused: stages.reduce((sum, { refused }) => sum + refused, 0),
    isComplete: stages.every(({ isComplete }) => isComplete),
  };
}

async function redriveStage(
  box: DeadLetterBox,
  stage: string,
  request: RedriveRequest,
  walk: DeadLetterWalk,
  budget: { left: number },
): Promise<RedriveOutcome> {
  const kept: ReceivedDeadLetter[] = [];
  let moved = 0;
  let refused = 0;
  try {
    while (!isOver(walk)) {
      const received = await box.receive(stage, HIDDEN_SECONDS);
      if (received.length === 0) return { moved, refused, isComplete: refused === 0 };
      const wanted = received.filter(
        (letter) => isWanted(letter, request) && letter.sentAt <= request.before,
      );
      // The budget is reduced before the next `await`, so that the concurrent stages never exceed the limit together.
      const taken = wanted.slice(0, budget.left);
      budget.left -= taken.length;
      kept.push(...received.filter((letter) => !taken.includes(letter)));
      if (taken.length > 0) {
        const sent = await redriveOrKeep(box, stage, taken, kept);
        refused += taken.length - sent.length;
        moved += sent.length;
        await box.remove(stage, sent);
      }
      if (wanted.length > taken.length) break;
    }
    return { moved, refused, isComplete: false };
  } finally {
    await release(box, stage, kept);
  }
}

/** Letters that were not sent are kept, also when the call fails as a whole. */
async function redriveOrKeep(
  box: DeadLetterBox,
  stage: string,
  letters: readonly ReceivedDeadLetter[],
  kept: ReceivedDeadLetter[],
): Promise<ReceivedDeadLetter[]> {
  try {
    const sent = await box.redrive(stage, letters);
    kept.push(...letters.filter((letter) => !sent.includes(letter)));
    return sent;
  } catch (error) {
    kept.push(...letters);
    throw error;
  }
}

async function release(
  box: DeadLetterBox,
  stage: string,
  letters: readonly ReceivedDeadLetter[],
): Promise<void> {
  if (letters.length === 0) return;
  // Without a release they become visible when their timeout ends, so a failure only costs time.
  await box.release(stage, letters).catch(() => undefined);
}

function stagesOf(box: DeadLetterBox, { stage }: DeadLetterFilter): string[] {
  return box.stages.filter((one) => stage === undefined || one === stage);
}

function isWanted(letter: ReceivedDeadLetter, { cause }: DeadLetterFilter): boolean {
  return cause === undefined || letter.cause === cause;
}

function isOver({ clock, endsAtMs }: DeadLetterWalk): boolean {
  return clock().getTime() >= endsAtMs;
}

import type { DeadLetterBox, HeldLetter } from './dead-letter.ts';
import type { DeadLetterCause } from './dead-letter-cause.ts';
import type { Clock, Instant } from './time.ts';

/** Which dead letters; none of both: all. */
export interface DeadLetterFilter {
  stage?: string;
  cause?: DeadLetterCause;
}

export type Letter = HeldLetter & { stage: string };

export interface DeadLetterWalk {
  clock: Clock;
  /** Nothing new is begun after it. */
  endsAtMs: number;
}

/** Longer than a walk, so that it meets no letter twice; short enough for whoever comes after one that died. */
const HIDDEN_SECONDS = 40;
/** So many letters of a stage are looked at in one go. */
const MAX_PEEKED = 1000;

export interface PeekedLetters {
  letters: Letter[];
  /** Every letter that was visible has been looked at. */
  isComplete: boolean;
}

/** Looks at dead letters and leaves them where they are: visible to others as soon as the walk is over. */
export async function peekDeadLetters(
  box: DeadLetterBox,
  filter: DeadLetterFilter,
  walk: DeadLetterWalk,
): Promise<PeekedLetters> {
  const stages = await Promise.all(stagesOf(box, filter).map((stage) => peekStage(box, stage, walk)));
  const letters = stages.flatMap((one) => one.letters).filter((letter) => isWanted(letter, filter));
  return { letters, isComplete: stages.every(({ isComplete }) => isComplete) };
}

async function peekStage(box: DeadLetterBox, stage: string, walk: DeadLetterWalk): Promise<PeekedLetters> {
  const held: HeldLetter[] = [];
  const answer = (isComplete: boolean): PeekedLetters => ({
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
    await giveBack(box, stage, held);
  }
}

export interface RedriveRequest extends DeadLetterFilter {
  /** At most so many. */
  limit: number;
  /**
   * Only letters that were there by then: one that fails again at once comes back while the walk still goes on, and must
   * not go round for ever.
   */
  before: Instant;
}

export interface RedriveOutcome {
  moved: number;
  /** The queue did not take them; they are dead letters still. */
  refused: number;
  /** No letter that was asked for is known to be left. */
  isComplete: boolean;
}

/**
 * Sends dead letters back to their queues. The sending comes before the removal: a crash in between repeats a message, which
 * every stage stands. Letters that are not asked for are visible again when the walk is over.
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
  const kept: HeldLetter[] = [];
  let moved = 0;
  let refused = 0;
  try {
    while (!isOver(walk)) {
      const received = await box.receive(stage, HIDDEN_SECONDS);
      if (received.length === 0) return { moved, refused, isComplete: refused === 0 };
      const wanted = received.filter(
        (letter) => isWanted(letter, request) && letter.sentAt <= request.before,
      );
      // Taken before the first wait, so that the stages never take more than the limit together.
      const taken = wanted.slice(0, budget.left);
      budget.left -= taken.length;
      kept.push(...received.filter((letter) => !taken.includes(letter)));
      if (taken.length > 0) {
        const sent = await sendBackOrKeep(box, stage, taken, kept);
        refused += taken.length - sent.length;
        moved += sent.length;
        await box.remove(stage, sent);
      }
      if (wanted.length > taken.length) break;
    }
    return { moved, refused, isComplete: false };
  } finally {
    await giveBack(box, stage, kept);
  }
}

/** What was not sent is kept, also when the call fails as a whole. */
async function sendBackOrKeep(
  box: DeadLetterBox,
  stage: string,
  letters: readonly HeldLetter[],
  kept: HeldLetter[],
): Promise<HeldLetter[]> {
  try {
    const sent = await box.sendBack(stage, letters);
    kept.push(...letters.filter((letter) => !sent.includes(letter)));
    return sent;
  } catch (error) {
    kept.push(...letters);
    throw error;
  }
}

async function giveBack(box: DeadLetterBox, stage: string, letters: readonly HeldLetter[]): Promise<void> {
  if (letters.length === 0) return;
  // They come back by themselves when their time is over, so a failure costs time alone.
  await box.giveBack(stage, letters).catch(() => undefined);
}

function stagesOf(box: DeadLetterBox, { stage }: DeadLetterFilter): string[] {
  return box.stages.filter((one) => stage === undefined || one === stage);
}

function isWanted(letter: HeldLetter, { cause }: DeadLetterFilter): boolean {
  return cause === undefined || letter.cause === cause;
}

function isOver({ clock, endsAtMs }: DeadLetterWalk): boolean {
  return clock().getTime() >= endsAtMs;
}

import type { DeadLetterBox } from '../recovery/dead-letters/dead-letter.ts';
import {
  type DeadLetterFilter,
  type DeadLetterWalk,
  peekDeadLetters,
  redriveDeadLetters,
  type StageDeadLetter,
} from '../recovery/dead-letters/dead-letter-walk.ts';
import { defined } from '../shared/defined.ts';
import type { Clock } from '../shared/time.ts';
import { summaryOf } from './dead-letter-summary.ts';
import { type Asker, type AuditDeps, newAction } from './record-action.ts';
import type { DeadLetterListing, RedriveRequest } from './requests.ts';

export interface DeadLetterRouteDeps {
  deadLetterBox: DeadLetterBox;
  clock: Clock;
}

/** The longest time for which peeking hides letters from others. */
const PEEK_MS = 8_000;
/** Leaves a third of the 30 s of an API call for the last batch, the release and the estimate. */
const REDRIVE_MS = 18_000;

/** `GET /v1/dead-letters` */
export async function listDeadLetters(deps: DeadLetterRouteDeps, listing: DeadLetterListing) {
  const { limit, ...filter } = listing;
  const { letters, isComplete } = await peekDeadLetters(deps.deadLetterBox, filter, walkOf(deps, PEEK_MS));
  const newestFirst = letters.toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)));
  return { items: newestFirst.slice(0, limit).map(summaryOf), counts: countsOf(letters), isComplete };
}

/** `POST /v1/dead-letters/redrive` */
export async function redrive(
  deps: DeadLetterRouteDeps & AuditDeps,
  { comment, ...request }: RedriveRequest,
  asker: Asker,
) {
  const now = deps.clock().toISOString();
  const before = request.before === undefined ? now : new Date(request.before).toISOString();
  await deps.audit.add(
    newAction(deps, { ...asker, ...defined({ comment }) }, 'redrive', { ...request, before }),
  );
  const outcome = await redriveDeadLetters(
    deps.deadLetterBox,
    { ...request, before },
    walkOf(deps, REDRIVE_MS),
  );
  return { ...outcome, leftEstimate: await estimateOf(deps.deadLetterBox, request), before };
}

/** Of all causes: SQS counts messages without their attributes. */
async function estimateOf(box: DeadLetterBox, { stage }: DeadLetterFilter): Promise<number> {
  const stages = stage === undefined ? box.stages : [stage];
  const counts = await Promise.all(stages.map((one) => box.estimate(one)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function walkOf({ clock }: DeadLetterRouteDeps, lengthMs: number): DeadLetterWalk {
  return { clock, endsAtMs: clock().getTime() + lengthMs };
}

function timeOf({ failedAt, sentAt }: StageDeadLetter): string {
  return failedAt ?? sentAt;
}

/** Most first. */
function countsOf(letters: readonly StageDeadLetter[]): { stage: string; cause: string; count: number }[] {
  const groups = Map.groupBy(letters, ({ stage, cause }) => `${stage} ${cause}`);
  return [...groups.values()]
    .flatMap((group) => group.slice(0, 1).map(({ stage, cause }) => ({ stage, cause, count: group.length })))
    .toSorted((a, b) => b.count - a.count || `${a.stage} ${a.cause}`.localeCompare(`${b.stage} ${b.cause}`));
}

import type { CallPermit } from '../admission/admission.ts';
import type { StoredComputeResponse } from '../qure/compute-answer.ts';
import type { PollPlan } from '../qure/poll-plan.ts';
import { productOf } from '../qure/product.ts';
import { isReady } from '../qure/results-answer.ts';
import { retryOnConflict } from '../series/retry-on-conflict.ts';
import type { StoredResult, UploadingSeries } from '../series/series.ts';
import { currentAcceptance, lastAskedGeneration, STAGE_GRACE_SECONDS } from '../series/series-parts.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import type { ComputeDeps, ComputeWork } from './compute-work.ts';
import { startPolling } from './start-polling.ts';

/** A compute call is answered within this time or given up. */
const CALL_SECONDS = 30;

/**
 * Makes the compute call, where one is to be made. The call intent is saved before (write-ahead): a run that dies with the answer on its way
 * leaves it behind, and the next run knows that Qure may have accepted already.
 */
export async function callCompute(
  deps: ComputeDeps,
  work: ComputeWork,
  permit: CallPermit,
  before: LookBefore,
  plan: PollPlan | undefined,
): Promise<void> {
  const { source } = work;
  if (!isCalled(work)) return startPolling(work, undefined, plan);
  // Qure has accepted this very set before: the series was opened again and nothing had changed.
  const accepted = currentAcceptance(work.series);
  if (accepted !== undefined) return startPolling(work, accepted.compute, plan);
  const intent = await saveCallIntent(work, before);
  if (intent === undefined) return;
  // Qure knows the series from an earlier generation: a plain call would be answered "already pushed" and change nothing.
  const recompute = intent.isLaterGeneration;
  if (recompute && intent.isUnanswered && (await isComputingAgain(deps, work, intent, permit)))
    return startPolling(work, lostAnswer(work.now()), plan);
  const deadline = new Date(deps.clock().getTime() + CALL_SECONDS * 1000);
  const answer = await deps.qure.compute(permit.credentials, work.series.seriesInstanceUid, {
    recompute,
    deadline,
  });
  const status = answer.kind === 'unexpected' ? `http_${answer.httpStatus}` : answer.kind;
  deps.meter('ComputeAnswers', 1, { source: source.name, status });
  switch (answer.kind) {
    case 'accepted':
    case 'already_accepted':
      await permit.recordSuccess();
      return startPolling(work, answer.response, plan, answer.kind === 'already_accepted');
    case 'not_uploaded': {
      await permit.recordSuccess();
      const detail = 'Qure says that the series is not uploaded (404)';
      if (source.delivery === 'upload') return work.uploadAgain('not_uploaded', detail);
      return work.later(
        'not_uploaded',
        {},
        { reason: 'not_uploaded', detail: `${detail}; another system should have` },
      );
    }
    case 'auth_rejected':
    case 'source_denied':
      return work.refusedBy(permit, answer.kind, { compute: answer.response });
    case 'redirected':
    case 'misconfigured':
      return work.later(answer.kind, {}, { reason: 'qure_unavailable', detail: answer.detail });
    case 'unsupported':
      await permit.recordSuccess();
      return work.refuse('unsupported_scan', answer.reason);
    case 'unexpected':
      return work.later(`http_${answer.httpStatus}`, {}, unavailable(`http_${answer.httpStatus}`));
    case 'transient':
      // The sooner the look, the likelier it tells whether the call has reached Qure.
      if (recompute && (await isComputingAgain(deps, work, intent, permit)))
        return startPolling(work, lostAnswer(work.now()), plan);
      return work.later(answer.cause, answer, unavailable(answer.cause));
    default:
      return answer satisfies never;
  }
}

/** Else Qure starts by itself. */
function isCalled({ source, series }: ComputeWork): boolean {
  return productOf(source, series.product).compute && source.compute !== 'automatic';
}

/** What the row is told of an earlier computation, together with the call intent. */
interface LookBefore {
  /** Its answer; Qure has nothing else to compute of the series. */
  answered?: StoredResult;
  isPending?: boolean;
}

/**
 * Asks, before a later generation is to be computed, for the answer to an earlier one that has not been fetched: an instance that
 * came while Qure computed opened the series, and its results were not asked for since. What is known of it now cannot be
 * taken for the new answer. Once the intent of this generation is saved, the new answer may be there already.
 */
export async function lookBefore(
  deps: ComputeDeps,
  work: ComputeWork,
  permit: CallPermit,
): Promise<LookBefore> {
  const { series } = work;
  if (!isCalled(work) || currentAcceptance(series) !== undefined) return {};
  const generation = lastAskedGeneration(series);
  const isFirstCall = generation === 0 || generation >= series.generation;
  const isKnown = series.accepted?.isAnswered === true && series.accepted.generation === generation;
  if (isFirstCall || isKnown) return {};
  const answer = await deps.qure.seriesResults(permit.credentials, series.seriesInstanceUid);
  if (isReady(answer) || answer.kind === 'unsupported')
    return { answered: { generation, digest: answer.digest, at: work.now() } };
  return answer.kind === 'not_uploaded' || answer.kind === 'not_computed' ? {} : { isPending: true };
}

/**
 * Whether a recompute whose answer was lost has reached Qure all the same. Under process proves it only where the earlier
 * computation had ended before the call: else it may be that one. Without proof the call is made again, which may
 * compute the same instances twice; taking it for made could leave the new ones out.
 */
async function isComputingAgain(
  deps: ComputeDeps,
  work: ComputeWork,
  intent: { isEarlierAnswered: boolean },
  permit: CallPermit,
): Promise<boolean> {
  if (!intent.isEarlierAnswered) return false;
  const results = await deps.qure.seriesResults(permit.credentials, work.series.seriesInstanceUid);
  return results.kind === 'processing';
}

/** Replaces an answer that was lost: every generation that Qure computes for us has its `compute.json`. */
function lostAnswer(at: Instant): StoredComputeResponse {
  const message = 'The answer to the compute call was lost; Qure says that the series is under process.';
  return { httpStatus: 202, message, success: true, authenticated: true, at };
}

function unavailable(cause: string) {
  const detail = `the compute call was not answered until the deadline (last: ${cause}); retry when Qure is back`;
  return { reason: 'qure_unavailable' as const, detail };
}

interface SavedIntent {
  isUnanswered: boolean;
  isLaterGeneration: boolean;
  isEarlierAnswered: boolean;
}

async function saveCallIntent(work: ComputeWork, before: LookBefore): Promise<SavedIntent | undefined> {
  return retryOnConflict<SavedIntent | undefined>(work.deps.series, work.series, async (series) => {
    if (series === undefined || !work.isOurs(series)) return undefined;
    const now = work.now();
    const earlier = series.callIntent;
    const isUnanswered = earlier?.generation === series.generation;
    const isLaterGeneration =
      series.isRecompute === true ||
      series.workspaceSince !== undefined ||
      (series.accepted !== undefined && series.accepted.generation < series.generation) ||
      (earlier !== undefined && earlier.generation < series.generation) ||
      // An intent repeated within a later generation.
      (isUnanswered && earlier.isLaterGeneration === true);
    // Another run may have called since this one looked: what it saw may be the new answer.
    const { answered, isPending = false } = isUnanswered ? { isPending: earlier.isEarlierPending } : before;
    const { accepted } = series;
    const intent: UploadingSeries = {
      ...work.withSteps(series),
      ...(answered === undefined ? {} : { lastAnswer: answered }),
      ...(answered === undefined || accepted === undefined
        ? {}
        : { accepted: { ...accepted, isAnswered: true } }),
      callIntent: {
        generation: series.generation,
        at: now,
        ...(isLaterGeneration ? { isLaterGeneration } : {}),
        ...(isPending ? { isEarlierPending: true } : {}),
      },
      dueAt: addSeconds(now, STAGE_GRACE_SECONDS),
    };
    const saved = await work.deps.series.save(intent);
    if (saved.kind === 'conflict') return saved;
    const isEarlierAnswered = intent.accepted?.isAnswered === true;
    return { isUnanswered, isLaterGeneration, isEarlierAnswered };
  });
}

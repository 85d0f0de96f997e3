import { FINDINGS_FILE } from '../qure/findings/findings.ts';
import type { AnswerVerdict } from '../qure/judge-answer.ts';
import { answerBoundSeconds } from '../qure/qure-waits.ts';
import type { ReadyResult } from '../qure/results-answer.ts';
import { type FailedAnswer, refuse } from '../series/transitions.ts';
import { defined } from '../shared/defined.ts';
import { delaySecondsFor } from '../shared/delay.ts';
import { addSeconds, secondsBetween } from '../shared/time.ts';
import { answerFactsOf } from './answer-facts.ts';
import { pollDelayOf } from './poll-delay.ts';
import type { PollWork } from './poll-work.ts';

const NOT_READ =
  'Qure says that it has not read the scan (use case not_implemented); ask Qure whether it should have';

/** What to do with an answer that is not, or not yet, the result. `files`: where it is stored, when it is kept. */
export async function afterVerdict(
  work: PollWork,
  answer: ReadyResult,
  verdict: Exclude<AnswerVerdict, { kind: 'ready' }>,
  files: string[],
  /** Writes `findings.json`: the answer counts, though it lacks assets. */
  concluded?: () => Promise<FailedAnswer>,
): Promise<void> {
  const facts = { ...answerFactsOf(answer), digest: answer.digest };
  switch (verdict.kind) {
    case 'not_yet':
      return waitForAnswer(work, verdict.cause, answer.digest);
    case 'not_implemented': {
      const refusal = { reason: 'not_implemented' as const, detail: NOT_READ, ...facts };
      await work.move((series) => refuse(series, refusal, work.now()));
      return;
    }
    case 'failed':
      if (verdict.reason !== 'asset_missing' || concluded === undefined)
        return work.fail(verdict.reason, verdict.detail, files, facts);
      return work.fail(verdict.reason, verdict.detail, [FINDINGS_FILE, ...files], await concluded());
    default:
      return verdict satisfies never;
  }
}

/** Qure gives an answer that does not count yet: asked again, until the bound at the latest. */
export async function waitForAnswer(
  work: PollWork,
  cause: 'earlier_answer' | 'not_whole',
  digest?: string,
): Promise<void> {
  const { source, message } = work;
  const { seriesInstanceUid, earlier } = work.series;
  const { polls, waitingSince = work.now() } = message;
  work.deps.log('info', 'the answer does not count yet; asked again', {
    source: source.name,
    seriesInstanceUid,
    cause,
  });
  const until = addSeconds(waitingSince, answerBoundSeconds(source.resultsTimeoutSeconds));
  const leftSeconds = Math.max(0, secondsBetween(work.now(), until));
  const candidate = message.candidate ?? (earlier?.isPending === true ? digest : undefined);
  await work.resume(
    { polls: polls + 1, failures: 0, waitingSince, ...defined({ candidate }) },
    Math.min(pollDelayOf(work), delaySecondsFor(leftSeconds)),
  );
}

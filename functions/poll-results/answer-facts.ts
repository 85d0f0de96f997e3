import { defined } from '../core/defined.ts';
import type { AnswerFacts } from '../core/qure/answer-facts.ts';
import type { ReadyResult } from '../core/qure/results-answer.ts';

/** What an answer says of itself, as rows and events keep it. */
export function answerFactsOf({
  usecase,
  modelVersion,
}: Pick<ReadyResult, 'usecase' | 'modelVersion'>): AnswerFacts {
  return defined({ usecase, modelVersion });
}

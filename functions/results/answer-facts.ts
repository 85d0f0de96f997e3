import type { AnswerFacts } from '../qure/answer-facts.ts';
import type { ReadyResult } from '../qure/results-answer.ts';
import { defined } from '../shared/defined.ts';

/** What an answer says of itself, as rows and events keep it. */
export function answerFactsOf({
  usecase,
  modelVersion,
}: Pick<ReadyResult, 'usecase' | 'modelVersion'>): AnswerFacts {
  return defined({ usecase, modelVersion });
}

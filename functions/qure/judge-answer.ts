import { addSeconds, type Instant } from '../shared/time.ts';
import { assetTypeSegment } from './asset-type-segment.ts';
import type { EarlierAnswer } from './earlier-answer.ts';
import type { ProductDefinition } from './product.ts';
import type { ReadyResult } from './results-answer.ts';
import { isNotImplemented, mayAnswer, productOfUsecase } from './usecase.ts';

/** What an answer is judged by, beside itself. */
export interface AnswerContext {
  /** That the series was sent to, and all that an answer may be of. */
  product: Required<ProductDefinition>;
  products: readonly Required<ProductDefinition>[];
  /** Asset types that the source says every answer has. */
  expects: readonly string[];
  /** Whose answer this one may still be; absent where there can be no earlier one. */
  earlier?: EarlierAnswer;
  /** Qure has said "under process" since it was asked for this generation. */
  isProcessingSeen: boolean;
  /** The digest of the first answer since then, which may be that of a computation that had not ended. */
  candidate?: string;
  /** Since when Qure gives answers that do not count yet; absent before the first. */
  waitingSince?: Instant;
  /** How long such answers are borne. */
  boundSeconds: number;
  /** Nothing is waited for beyond this time. */
  resultsDeadline: Instant;
  now: Instant;
}

/** What tells of which generation an answer is. */
type Newness = Omit<AnswerContext, 'product' | 'products' | 'expects'>;

export type AnswerVerdict =
  | { kind: 'ready'; sameAsGeneration?: number }
  /** Asked again: it may be an earlier answer, or is not whole. */
  | { kind: 'not_yet'; cause: 'earlier_answer' | 'not_whole' }
  /** Qure has not read the scan. */
  | { kind: 'not_implemented' }
  | { kind: 'failed'; reason: 'wrong_usecase' | 'asset_missing'; detail: string };

/**
 * Whether an answer is the one that the series waits for. First whether it is of this generation, since an earlier
 * answer says nothing of it; then whether it is of the right product; then whether it is whole.
 */
export function judgeAnswer(answer: ReadyResult, context: AnswerContext): AnswerVerdict {
  const newness = newnessOf(answer.digest, context);
  if (newness === 'earlier') return { kind: 'not_yet', cause: 'earlier_answer' };
  if (answer.kind === 'ready' && isNotImplemented(answer.usecase)) return { kind: 'not_implemented' };
  const { product, products } = context;
  if (!mayAnswer(product, answer.usecase, products)) {
    const by = productOfUsecase(answer.usecase ?? '', products)?.name ?? 'another use case';
    const detail = `the series was sent to ${product.name}, and ${by} answered; its answer is stored and is not announced`;
    return { kind: 'failed', reason: 'wrong_usecase', detail };
  }
  const lacks = whatLacks(answer, context.expects);
  if (lacks !== undefined) {
    if (!isOverdue(context)) return { kind: 'not_yet', cause: 'not_whole' };
    return { kind: 'failed', reason: 'asset_missing', detail: `${lacks}; ask Qure why, then retry` };
  }
  return newness === 'same' ? { kind: 'ready', ...sameAs(context.earlier) } : { kind: 'ready' };
}

/**
 * `earlier`: it may be that of an earlier generation, and is waited out. `same`: it equals one, and the wait is over. A digest
 * leaves out the links alone, so an answer that differs in anything is another one.
 */
export function newnessOf(digest: string, context: Newness): 'new' | 'earlier' | 'same' {
  const { earlier, isProcessingSeen, candidate } = context;
  if (earlier === undefined || isProcessingSeen) return 'new';
  const equalsKnown = earlier.result?.digest === digest;
  const mayBePending = earlier.isPending === true && (candidate === undefined || candidate === digest);
  if (!equalsKnown && !mayBePending) return 'new';
  if (!isOverdue(context)) return 'earlier';
  return equalsKnown ? 'same' : 'new';
}

function isOverdue({ waitingSince, boundSeconds, resultsDeadline, now }: Newness) {
  if (now >= resultsDeadline) return true;
  return waitingSince !== undefined && now >= addSeconds(waitingSince, boundSeconds);
}

function sameAs(earlier: EarlierAnswer | undefined): { sameAsGeneration?: number } {
  return earlier?.result === undefined ? {} : { sameAsGeneration: earlier.result.generation };
}

/** What an answer lacks to be a whole one, for people. */
function whatLacks(answer: ReadyResult, expects: readonly string[]): string | undefined {
  if (!answer.hasContent && answer.files.length === 0 && answer.ignoredFiles === 0)
    return "Qure's answer holds nothing: no report, no score, no asset";
  const types = new Set(answer.files.map(({ type }) => type));
  const missing = expects.filter((type) => !types.has(assetTypeSegment(type)));
  return missing.length === 0
    ? undefined
    : `Qure's answer lacks what the source expects: ${missing.join(', ')}`;
}

import { jsonObjectOf } from './answer-body.ts';
import { answerDigest } from './answer-digest.ts';

/** Whether a key, or a name below a generation's folder, is that of an answer of Qure. */
export function isStoredAnswer(key: string): boolean {
  return /(?:^|\/)result(?:\.[0-9.]+)?\.json$/.test(key);
}

/**
 * Equal exactly where two stored answers differ in nothing but their links. Of two runs at once the slower one may store the
 * same answer once more; `undefined` for what is no JSON object.
 */
export function storedAnswerDigest(bytes: Uint8Array): string | undefined {
  // Takes a byte order mark away, as the reader of the answer did.
  const answer = jsonObjectOf(new TextDecoder().decode(bytes));
  return answer === undefined ? undefined : answerDigest(200, answer);
}

/** What a person has written cannot be deployed. The message has every mistake and what to do, so the stack is not needed. */
export class MistakesError extends Error {
  override name = 'MistakesError';
}

/** @throws MistakesError with every mistake, one on each line */
export function refuse(what: string, mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  throw new MistakesError(`${what} ${mistakes.length} mistake(s):\n  ${mistakes.join('\n  ')}`);
}

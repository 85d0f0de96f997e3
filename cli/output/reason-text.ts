import { reasonInWords, waitInWords } from '../../console/shared/words.ts';

/** As the page says it, with the name that options and docs/operations.md have for it. */
export function reasonText(reason: string): string {
  return withName(reasonInWords(reason), reason);
}

/** Why a series waits for its source. */
export function waitText(reason: string): string {
  return withName(waitInWords(reason), reason);
}

function withName(words: string, reason: string): string {
  return words === reason.replaceAll('_', ' ') ? reason : `${words} (${reason})`;
}

/** The simulator's result means nothing, and is never shown without this word. */
export function triageText({
  triage,
  isSimulated,
}: {
  triage?: string | undefined;
  isSimulated?: boolean | undefined;
}): string {
  return [isSimulated === true ? 'SIMULATED' : '', triage ?? ''].filter((part) => part !== '').join(', ');
}

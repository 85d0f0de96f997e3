/**
 * Words of header texts, made comparable: without case, accents and separators, so that "Schädel_5.0", "SCHADEL 5"
 * and "schädel-nativ" share the word SCHADEL. Pure; imports nothing.
 */

/** Letters that Unicode does not decompose, though people write them either way. */
const UNDECOMPOSED: Record<string, string> = {
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  đ: 'd',
  Đ: 'D',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
};

/** Scripts written without blanks between words: their terms are found anywhere in the text. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Only the European combining marks are dropped; the marks of other scripts are letters in their own right. */
export function fold(text: string): string {
  return text
    .replace(/[ßøØłŁıđĐæÆœŒ]/g, (letter) => UNDECOMPOSED[letter] ?? letter)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toUpperCase();
}

/** Words are runs of letters or runs of digits: CHEST1 is CHEST and 1, HEAD_5.0_H31s is HEAD 5 0 H 31 S. */
function splitWords(folded: string): string[] {
  return folded.match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
}

/** "HeadRoutine" and "CTHead" are two words to people who name protocols. */
function splitCamelCase(text: string): string {
  return text.replace(/(\p{Ll})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$& ');
}

interface WordPattern {
  text: string;
  anyBefore: boolean;
  anyAfter: boolean;
}

interface Term<T> {
  value: T;
  patterns: WordPattern[];
  /** Set for terms of unspaced scripts, which are looked for as they are. */
  anywhere?: string;
  hasWildcard: boolean;
}

/** @throws TypeError when the term holds no letter and no digit. */
function compileTerm<T>(term: string, value: T): Term<T> {
  const folded = fold(term);
  if (UNSPACED.test(folded)) {
    return { value, patterns: [], anywhere: folded.trim(), hasWildcard: false };
  }
  const patterns = [...folded.matchAll(/(\*?)([\p{L}\p{M}]+|\p{N}+)(\*?)/gu)].map((m) => ({
    text: m[2] ?? '',
    anyBefore: m[1] === '*',
    anyAfter: m[3] === '*',
  }));
  if (patterns.length === 0) {
    throw new TypeError(
      'Expected a term with a letter or a digit, got one without; correct the routing table.',
    );
  }
  return { value, patterns, hasWildcard: patterns.some((p) => p.anyBefore || p.anyAfter) };
}

/** Whether a term can be compared at all: it holds a letter or a digit. */
export function isTerm(term: string): boolean {
  return splitWords(fold(term)).length > 0;
}

function fits(pattern: WordPattern, word: string | undefined): boolean {
  if (word === undefined) return false;
  if (pattern.anyBefore) return pattern.anyAfter ? word.includes(pattern.text) : word.endsWith(pattern.text);
  return pattern.anyAfter ? word.startsWith(pattern.text) : word === pattern.text;
}

/** Finds the values of all terms that a text holds. */
export type TermFinder<T> = (text: string) => Set<T>;

/**
 * Builds a finder. Where several terms begin at one word the longest is taken and its words are used up, so that
 * FEMORAL HEAD hides HEAD; plain terms go before those with `*`.
 */
export function termFinder<T>(entries: Iterable<readonly [term: string, value: T]>): TermFinder<T> {
  const terms = [...entries].map(([term, value]) => compileTerm(term, value));
  const unspaced = terms
    .flatMap((t) => (t.anywhere === undefined ? [] : [{ text: t.anywhere, value: t.value }]))
    .sort((a, b) => b.text.length - a.text.length);
  const byLength = terms
    .filter((t) => t.anywhere === undefined)
    .sort((a, b) => b.patterns.length - a.patterns.length || Number(a.hasWildcard) - Number(b.hasWildcard));
  const plainByFirstWord = new Map<string, Term<T>[]>();
  const wild: Term<T>[] = [];
  for (const term of byLength) {
    const first = term.patterns[0];
    if (first === undefined || first.anyBefore || first.anyAfter) wild.push(term);
    else plainByFirstWord.set(first.text, [...(plainByFirstWord.get(first.text) ?? []), term]);
  }

  const collect = (folded: string, found: Set<T>): void => {
    let rest = folded;
    for (const { text, value } of unspaced) {
      if (!rest.includes(text)) continue;
      found.add(value);
      rest = rest.replaceAll(text, ' ');
    }
    const words = splitWords(rest);
    const startsAt = (term: Term<T>, at: number) => term.patterns.every((p, i) => fits(p, words[at + i]));
    for (let at = 0; at < words.length; ) {
      const plain = plainByFirstWord.get(words[at] ?? '')?.find((t) => startsAt(t, at));
      const starred = wild.find((t) => startsAt(t, at));
      const term = (starred?.patterns.length ?? 0) > (plain?.patterns.length ?? 0) ? starred : plain;
      if (term !== undefined) found.add(term.value);
      at += term?.patterns.length ?? 1;
    }
  };

  return (text) => {
    const found = new Set<T>();
    const asWritten = fold(text);
    const asCamelCase = fold(splitCamelCase(text));
    collect(asWritten, found);
    if (asCamelCase !== asWritten) collect(asCamelCase, found);
    return found;
  };
}

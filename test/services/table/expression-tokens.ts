import { validationError } from '../service-errors.ts';

export interface Token {
  /** `name` is a bare attribute name, keyword or function; `#name` and `:value` are placeholders. */
  kind: 'name' | '#name' | ':value' | 'index' | 'symbol' | 'end';
  text: string;
}

const TOKEN =
  /\s*(?:(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<hash>#[A-Za-z0-9_]+)|(?<value>:[A-Za-z0-9_]+)|(?<index>\[\d+\])|(?<symbol><>|<=|>=|[=<>(),.+-]))/y;

/** Splits an expression. @throws ValidationException at a character that no expression of DynamoDB has. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  const text = expression.trim();
  if (text === '') throw validationError('Invalid expression: The expression can not be empty;');
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) throw validationError(`Invalid expression: Syntax error at character ${at}`);
    at = TOKEN.lastIndex;
    tokens.push(tokenOf(groups));
  }
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Token {
  if (groups['name'] !== undefined) return { kind: 'name', text: groups['name'] };
  if (groups['hash'] !== undefined) return { kind: '#name', text: groups['hash'] };
  if (groups['value'] !== undefined) return { kind: ':value', text: groups['value'] };
  if (groups['index'] !== undefined) return { kind: 'index', text: groups['index'] };
  return { kind: 'symbol', text: groups['symbol'] ?? '' };
}

const END: Token = { kind: 'end', text: 'the end' };

/** Reads tokens one after another, and collects the placeholders that are used. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  readonly usedNames = new Set<string>();
  readonly usedValues = new Set<string>();

  constructor(expression: string) {
    this.#tokens = tokensOf(expression);
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    if (token.kind === '#name') this.usedNames.add(token.text);
    if (token.kind === ':value') this.usedValues.add(token.text);
    return token;
  }

  /** Takes the keyword (in any case) or symbol if it comes next. */
  takes(text: string): boolean {
    if (!this.isNext(text)) return false;
    this.#at += 1;
    return true;
  }

  isNext(text: string): boolean {
    const token = this.peek();
    if (token.kind === 'symbol') return token.text === text;
    return token.kind === 'name' && token.text.toUpperCase() === text;
  }

  expect(text: string): void {
    if (!this.takes(text)) throw this.unexpected(`"${text}"`);
  }

  /** To throw. */
  unexpected(wanted: string): Error {
    return validationError(`Invalid expression: Syntax error; expected ${wanted}, got "${this.peek().text}"`);
  }
}

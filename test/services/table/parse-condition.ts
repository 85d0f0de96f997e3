import { validationError } from '../service-errors.ts';
import type { Comparator, Condition, Operand, Parsed, Path, PathStep } from './expression-syntax.ts';
import { TokenReader } from './expression-tokens.ts';
import { isReservedWord } from './reserved-words.ts';

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);
const parsed = new Map<string, Parsed<Condition>>();

/** Parses a condition, filter or key condition; each text once. @throws ValidationException */
export function parseCondition(expression: string): Parsed<Condition> {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  const reader = new TokenReader(expression);
  const root = readOr(reader);
  if (reader.peek().kind !== 'end') throw reader.unexpected('the end');
  const result = { root, usedNames: reader.usedNames, usedValues: reader.usedValues };
  parsed.set(expression, result);
  return result;
}

function readOr(reader: TokenReader): Condition {
  let left = readAnd(reader);
  while (reader.takes('OR')) left = { kind: 'or', left, right: readAnd(reader) };
  return left;
}

function readAnd(reader: TokenReader): Condition {
  let left = readNot(reader);
  while (reader.takes('AND')) left = { kind: 'and', left, right: readNot(reader) };
  return left;
}

function readNot(reader: TokenReader): Condition {
  return reader.takes('NOT') ? { kind: 'not', condition: readNot(reader) } : readPrimary(reader);
}

function readPrimary(reader: TokenReader): Condition {
  if (reader.takes('(')) {
    const condition = readOr(reader);
    reader.expect(')');
    return condition;
  }
  // Function names are lower case and nothing else (Developer Guide, "Condition expressions").
  const isCall = reader.peek().kind === 'name' && reader.peek(1).text === '(';
  if (isCall && reader.peek().text !== 'size') return readCall(reader);
  return readComparison(reader);
}

function readCall(reader: TokenReader): Condition {
  const name = reader.next().text;
  reader.expect('(');
  const condition = readArguments(reader, name);
  reader.expect(')');
  return condition;
}

function readArguments(reader: TokenReader, name: string): Condition {
  switch (name) {
    case 'attribute_exists':
      return { kind: 'exists', path: readPath(reader) };
    case 'attribute_not_exists':
      return { kind: 'missing', path: readPath(reader) };
    case 'begins_with':
    case 'contains': {
      const operand = readOperand(reader);
      reader.expect(',');
      return { kind: name, operand, part: readOperand(reader) };
    }
    default:
      throw validationError(`Invalid expression: Invalid function name; function: ${name}`);
  }
}

function readComparison(reader: TokenReader): Condition {
  const operand = readOperand(reader);
  if (reader.takes('BETWEEN')) {
    const low = readOperand(reader);
    reader.expect('AND');
    return { kind: 'between', operand, low, high: readOperand(reader) };
  }
  if (reader.takes('IN')) {
    reader.expect('(');
    const list = [readOperand(reader)];
    while (reader.takes(',')) list.push(readOperand(reader));
    reader.expect(')');
    return { kind: 'in', operand, list };
  }
  const { kind, text } = reader.peek();
  if (kind !== 'symbol' || !COMPARATORS.has(text)) throw reader.unexpected('a comparison');
  reader.next();
  return { kind: 'compare', comparator: text as Comparator, left: operand, right: readOperand(reader) };
}

export function readOperand(reader: TokenReader): Operand {
  if (reader.peek().kind === ':value') return { kind: 'value', placeholder: reader.next().text };
  if (reader.peek().text === 'size' && reader.peek(1).text === '(') {
    reader.next();
    reader.expect('(');
    const path = readPath(reader);
    reader.expect(')');
    return { kind: 'size', path };
  }
  return { kind: 'path', path: readPath(reader) };
}

/** `a.#b[0].c` */
export function readPath(reader: TokenReader): Path {
  const steps: PathStep[] = [readName(reader)];
  for (;;) {
    if (reader.peek().kind === 'index') steps.push({ index: Number(reader.next().text.slice(1, -1)) });
    else if (reader.takes('.')) steps.push(readName(reader));
    else return steps;
  }
}

function readName(reader: TokenReader): PathStep {
  const { kind, text } = reader.peek();
  if (kind === '#name') return { placeholder: reader.next().text };
  if (kind !== 'name') throw reader.unexpected('an attribute');
  if (isReservedWord(text)) {
    throw validationError(
      `Invalid expression: Attribute name is a reserved keyword; reserved keyword: ${text}`,
    );
  }
  return { name: reader.next().text };
}

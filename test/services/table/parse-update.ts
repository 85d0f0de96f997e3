import { NotSimulatedError } from '../command.ts';
import { validationError } from '../service-errors.ts';
import type { Parsed, UpdateAction, UpdateValue } from './expression-syntax.ts';
import { TokenReader } from './expression-tokens.ts';
import { readOperand, readPath } from './parse-condition.ts';

const parsed = new Map<string, Parsed<readonly UpdateAction[]>>();

/** Parses an update expression; each text once. @throws ValidationException, NotSimulatedError for DELETE (sets) */
export function parseUpdate(expression: string): Parsed<readonly UpdateAction[]> {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  const reader = new TokenReader(expression);
  const root: UpdateAction[] = [];
  const sections = new Set<string>();
  while (reader.peek().kind !== 'end') {
    const section = reader.next().text.toUpperCase();
    if (sections.has(section)) {
      throw validationError(
        `Invalid UpdateExpression: The "${section}" section can only be used once in an update expression;`,
      );
    }
    sections.add(section);
    do root.push(readAction(reader, section));
    while (reader.takes(','));
  }
  const result = { root, usedNames: reader.usedNames, usedValues: reader.usedValues };
  parsed.set(expression, result);
  return result;
}

function readAction(reader: TokenReader, section: string): UpdateAction {
  switch (section) {
    case 'SET': {
      const path = readPath(reader);
      reader.expect('=');
      return { kind: 'set', path, value: readSum(reader) };
    }
    case 'REMOVE':
      return { kind: 'remove', path: readPath(reader) };
    case 'ADD': {
      const path = readPath(reader);
      if (reader.peek().kind !== ':value') throw reader.unexpected('a value');
      return { kind: 'add', path, placeholder: reader.next().text };
    }
    case 'DELETE':
      throw new NotSimulatedError('an update that deletes from a set');
    default:
      throw validationError(`Invalid UpdateExpression: Syntax error; token: "${section}"`);
  }
}

function readSum(reader: TokenReader): UpdateValue {
  const left = readValue(reader);
  if (reader.takes('+')) return { kind: 'plus', left, right: readValue(reader) };
  if (reader.takes('-')) return { kind: 'minus', left, right: readValue(reader) };
  return left;
}

function readValue(reader: TokenReader): UpdateValue {
  const name = reader.peek().text;
  if (reader.peek(1).text !== '(' || reader.peek().kind !== 'name') {
    return readOperand(reader);
  }
  reader.next();
  reader.expect('(');
  const value = readCallArguments(reader, name);
  reader.expect(')');
  return value;
}

function readCallArguments(reader: TokenReader, name: string): UpdateValue {
  switch (name) {
    case 'if_not_exists': {
      const path = readPath(reader);
      reader.expect(',');
      return { kind: name, path, otherwise: readValue(reader) };
    }
    case 'list_append': {
      const left = readValue(reader);
      reader.expect(',');
      return { kind: name, left, right: readValue(reader) };
    }
    default:
      throw validationError(`Invalid UpdateExpression: Invalid function name; function: ${name}`);
  }
}

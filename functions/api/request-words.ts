import type { core } from '../shared/schema.ts';

const MOST_NAMED = 5;
const MAX_NAME_LENGTH = 64;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What is expected, with an example, of what a caller has sent wrong. `undefined`: as the library says it. */
export function wordsOf(issue: core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_value': {
      const values = issue.values.map(String);
      return `expected ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`;
    }
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}, got ${issue.input === undefined ? 'none' : 'something else'}`;
    case 'unrecognized_keys':
      return `expected ${namesOf(issue.inst)}, got ${shown(issue.keys)}`;
    case 'too_small':
      return boundOf(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return boundOf(issue.origin, 'at most', Number(issue.maximum));
    case 'invalid_format':
      return issue.format === 'datetime' ? 'expected a time in UTC such as 2026-11-29T10:00:00Z' : undefined;
    default:
      return undefined;
  }
}

function namesOf(schema: core.$ZodRawIssue['inst']): string {
  const shape = schema === undefined ? {} : (schema as core.$ZodObject)._zod.def.shape;
  const names = Object.keys(shape);
  return names.length === 0 ? 'no member' : `${names.length === 1 ? '' : 'one of '}${names.join(', ')}`;
}

/** They may be megabytes. */
function shown(names: readonly string[]): string {
  const some = names.slice(0, MOST_NAMED).map((name) => JSON.stringify(name.slice(0, MAX_NAME_LENGTH)));
  return names.length > MOST_NAMED ? `${some.join(', ')} and others` : some.join(', ');
}

function boundOf(origin: string, bound: string, count: number): string {
  if (origin === 'string') return `expected a text of ${bound} ${count} character${count === 1 ? '' : 's'}`;
  if (origin === 'array') return `expected a list of ${bound} ${count}`;
  return `expected a number of ${bound} ${count}`;
}

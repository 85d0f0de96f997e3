import { validationError } from '../service-errors.ts';
import { compareUtf8 } from './attribute-values.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { Condition, Operand } from './expression-syntax.ts';
import type { TableKeys } from './options.ts';

/** The part of one partition that a key condition names. */
export interface KeyRange {
  partition: string;
  isBefore(sort: string): boolean;
  isBehind(sort: string): boolean;
}

/** @throws ValidationException for anything but an equality of the partition key and one range of the sort key */
export function keyRangeOf(root: Condition, keys: TableKeys, context: ExpressionContext): KeyRange {
  const conditions = root.kind === 'and' ? [root.left, root.right] : [root];
  let partition: string | undefined;
  let sort: Condition | undefined;
  for (const condition of conditions) {
    const name = attributeOf(condition, context);
    if (name === keys.partitionKey && partition === undefined) {
      if (condition.kind !== 'compare' || condition.comparator !== '=') throw unsupported();
      partition = textOf(condition.right, context);
    } else if (name === keys.sortKey && sort === undefined) sort = condition;
    else throw unsupported();
  }
  if (partition === undefined) {
    throw validationError(`Query condition missed key schema element: ${keys.partitionKey}`);
  }
  const range = sort === undefined ? { isBefore: no, isBehind: no } : sortRangeOf(sort, context);
  return { partition, ...range };
}

const no = (): boolean => false;

function sortRangeOf(condition: Condition, context: ExpressionContext): Omit<KeyRange, 'partition'> {
  if (condition.kind === 'begins_with') {
    const prefix = textOf(condition.part, context);
    return {
      isBefore: (sort) => compareUtf8(sort, prefix) < 0,
      isBehind: (sort) => compareUtf8(sort, prefix) > 0 && !sort.startsWith(prefix),
    };
  }
  if (condition.kind === 'between') {
    const low = textOf(condition.low, context);
    const high = textOf(condition.high, context);
    if (compareUtf8(low, high) > 0) {
      throw validationError(
        'The BETWEEN operator requires upper bound to be greater than or equal to lower bound',
      );
    }
    return {
      isBefore: (sort) => compareUtf8(sort, low) < 0,
      isBehind: (sort) => compareUtf8(sort, high) > 0,
    };
  }
  if (condition.kind !== 'compare') throw unsupported();
  const value = textOf(condition.right, context);
  switch (condition.comparator) {
    case '=':
      return {
        isBefore: (sort) => compareUtf8(sort, value) < 0,
        isBehind: (sort) => compareUtf8(sort, value) > 0,
      };
    case '<':
      return { isBefore: no, isBehind: (sort) => compareUtf8(sort, value) >= 0 };
    case '<=':
      return { isBefore: no, isBehind: (sort) => compareUtf8(sort, value) > 0 };
    case '>':
      return { isBefore: (sort) => compareUtf8(sort, value) <= 0, isBehind: no };
    case '>=':
      return { isBefore: (sort) => compareUtf8(sort, value) < 0, isBehind: no };
    case '<>':
      throw unsupported();
    default:
      return condition.comparator satisfies never;
  }
}

function attributeOf(condition: Condition, context: ExpressionContext): string | undefined {
  const operand =
    condition.kind === 'compare'
      ? condition.left
      : condition.kind === 'between' || condition.kind === 'begins_with'
        ? condition.operand
        : undefined;
  if (operand?.kind !== 'path' || operand.path.length !== 1) return undefined;
  return operand.path.map((step) => String(context.keyOf(step)))[0];
}

function textOf(operand: Operand, context: ExpressionContext): string {
  const value = operand.kind === 'value' ? context.valueOf(operand.placeholder) : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw validationError(
    'One or more parameter values were invalid: Condition parameter type does not match schema type',
  );
}

function unsupported(): Error {
  return validationError('Query key condition not supported');
}

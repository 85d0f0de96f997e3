import { validationError } from '../service-errors.ts';
import { areEqual, compareValues } from './attribute-values.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { Comparator, Condition } from './expression-syntax.ts';
import type { Row } from './options.ts';

/** Does the condition hold for this row? One that does not exist has no attributes. */
export function holds(condition: Condition, row: Row | undefined, context: ExpressionContext): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, row, context) && holds(condition.right, row, context);
    case 'or':
      return holds(condition.left, row, context) || holds(condition.right, row, context);
    case 'not':
      return !holds(condition.condition, row, context);
    case 'exists':
      return context.read(row, condition.path) !== undefined;
    case 'missing':
      return context.read(row, condition.path) === undefined;
    case 'compare': {
      const left = context.operand(row, condition.left);
      return compares(condition.comparator, left, context.operand(row, condition.right));
    }
    case 'between': {
      const value = context.operand(row, condition.operand);
      const low = context.operand(row, condition.low);
      return compares('>=', value, low) && compares('<=', value, context.operand(row, condition.high));
    }
    case 'in': {
      const value = context.operand(row, condition.operand);
      return condition.list.some((member) => compares('=', value, context.operand(row, member)));
    }
    case 'begins_with': {
      const part = context.operand(row, condition.part);
      if (condition.part.kind === 'value' && typeof part !== 'string') {
        throw validationError(
          'Invalid expression: Incorrect operand type for operator or function: begins_with',
        );
      }
      const value = context.operand(row, condition.operand);
      return typeof value === 'string' && typeof part === 'string' && value.startsWith(part);
    }
    case 'contains': {
      const value = context.operand(row, condition.operand);
      const part = context.operand(row, condition.part);
      if (typeof value === 'string') return typeof part === 'string' && value.includes(part);
      return Array.isArray(value) && value.some((member) => areEqual(member, part));
    }
    default:
      return condition satisfies never;
  }
}

/** A comparison with an attribute that does not exist is false, except that it differs from every value. */
export function compares(comparator: Comparator, left: unknown, right: unknown): boolean {
  if (comparator === '<>') return !areEqual(left, right);
  if (left === undefined || right === undefined) return false;
  if (comparator === '=') return areEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return comparator satisfies never;
  }
}

import { validationError } from '../service-errors.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { UpdateAction, UpdateValue } from './expression-syntax.ts';
import type { MutableRow, Row } from './options.ts';

/**
 * The row after an update, a copy as far as it differs. All values are read from the row as it was.
 * @throws ValidationException for overlapping paths, operands of a wrong type, or a path into nothing
 */
export function applyUpdate(
  row: Row,
  actions: readonly UpdateAction[],
  context: ExpressionContext,
  keyNames: readonly string[],
): Row {
  const paths = actions.map(({ path }) => path.map((step) => context.keyOf(step)));
  assertDistinct(paths);
  const next: MutableRow = { ...row };
  const owned = new Set<object>([next]);
  for (const [at, action] of actions.entries()) {
    const path = paths[at] ?? [];
    if (path.length === 1 && keyNames.includes(String(path[0]))) {
      throw validationError(
        `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
      );
    }
    const value = action.kind === 'remove' ? undefined : newValue(action, row, context);
    write(next, owned, path, value);
  }
  return next;
}

function newValue(
  action: Exclude<UpdateAction, { kind: 'remove' }>,
  row: Row,
  context: ExpressionContext,
): unknown {
  if (action.kind === 'set') return evaluate(action.value, row, context);
  const added = context.valueOf(action.placeholder);
  if (typeof added !== 'number') throw wrongOperand('ADD');
  const found = context.read(row, action.path);
  const present = found === undefined ? 0 : found;
  if (typeof present !== 'number') {
    throw validationError('An operand in the update expression has an incorrect data type');
  }
  return present + added;
}

function evaluate(value: UpdateValue, row: Row, context: ExpressionContext): unknown {
  switch (value.kind) {
    case 'value':
      return context.valueOf(value.placeholder);
    case 'path': {
      const found = context.read(row, value.path);
      if (found === undefined) {
        throw validationError(
          'The provided expression refers to an attribute that does not exist in the item',
        );
      }
      return found;
    }
    case 'size':
      throw validationError(
        'Invalid UpdateExpression: The function is not allowed in an update; function: size',
      );
    case 'if_not_exists': {
      const found = context.read(row, value.path);
      return found === undefined ? evaluate(value.otherwise, row, context) : found;
    }
    case 'list_append': {
      const left = evaluate(value.left, row, context);
      const right = evaluate(value.right, row, context);
      if (!Array.isArray(left) || !Array.isArray(right)) throw wrongOperand('list_append');
      return [...left, ...right];
    }
    case 'plus':
    case 'minus': {
      const left = evaluate(value.left, row, context);
      const right = evaluate(value.right, row, context);
      if (typeof left !== 'number' || typeof right !== 'number') throw wrongOperand(value.kind);
      return value.kind === 'plus' ? left + right : left - right;
    }
    default:
      return value satisfies never;
  }
}

function wrongOperand(operator: string): Error {
  return validationError(
    `Invalid UpdateExpression: Incorrect operand type for operator or function: ${operator}`,
  );
}

/** Copies each container on the way once. A removed member of a list moves the rest up. */
function write(
  root: MutableRow,
  owned: Set<object>,
  path: readonly (string | number)[],
  value: unknown,
): void {
  let container: object = root;
  for (const key of path.slice(0, -1)) {
    const inner: unknown = Reflect.get(container, key);
    if (typeof inner !== 'object' || inner === null) throw invalidPath();
    const copy: object = owned.has(inner) ? inner : Array.isArray(inner) ? [...inner] : { ...inner };
    owned.add(copy);
    Reflect.set(container, key, copy);
    container = copy;
  }
  const last = path.at(-1) ?? '';
  if (Array.isArray(container) !== (typeof last === 'number')) throw invalidPath();
  if (Array.isArray(container) && typeof last === 'number') {
    if (value === undefined) container.splice(last, 1);
    else container[Math.min(last, container.length)] = value;
  } else if (value === undefined) Reflect.deleteProperty(container, last);
  else Reflect.set(container, last, value);
}

function invalidPath(): Error {
  return validationError('The document path provided in the update expression is invalid for update');
}

function assertDistinct(paths: readonly (readonly (string | number)[])[]): void {
  for (const [at, path] of paths.entries()) {
    for (const other of paths.slice(at + 1)) {
      const common = Math.min(path.length, other.length);
      if (path.slice(0, common).every((key, depth) => key === other[depth])) {
        throw validationError('Invalid UpdateExpression: Two document paths overlap with each other;');
      }
    }
  }
}

import { validationError } from '../service-errors.ts';
import { storedValueOf } from './attribute-values.ts';
import type { Operand, Parsed, Path, PathStep } from './expression-syntax.ts';
import type { Row } from './options.ts';

/** What the placeholders of a request stand for. */
export class ExpressionContext {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws ValidationException for a placeholder that no expression uses, or that is not given */
  constructor(
    input: {
      ExpressionAttributeNames?: Record<string, string> | undefined;
      ExpressionAttributeValues?: Record<string, unknown> | undefined;
    },
    expressions: readonly (Parsed<unknown> | undefined)[],
  ) {
    this.#names = input.ExpressionAttributeNames ?? {};
    this.#values = input.ExpressionAttributeValues ?? {};
    const present = expressions.filter((expression) => expression !== undefined);
    assertAllUsed(
      'Names',
      this.#names,
      present.map(({ usedNames }) => usedNames),
    );
    assertAllUsed(
      'Values',
      this.#values,
      present.map(({ usedValues }) => usedValues),
    );
  }

  /** As it would be stored: without what is `undefined`. */
  valueOf(placeholder: string): unknown {
    const value = this.#values[placeholder];
    return typeof value === 'object' && value !== null ? storedValueOf(value) : value;
  }

  /** The name or list index of a step. */
  keyOf(step: PathStep): string | number {
    if ('index' in step) return step.index;
    return 'name' in step ? step.name : (this.#names[step.placeholder] ?? '');
  }

  /** What lies there; `undefined` when nothing does. */
  read(row: Row | undefined, path: Path): unknown {
    let value: unknown = row;
    for (const step of path) {
      const key = this.keyOf(step);
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value) !== (typeof key === 'number')) return undefined;
      value = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
    }
    return value;
  }

  operand(row: Row | undefined, operand: Operand): unknown {
    if (operand.kind === 'value') return this.valueOf(operand.placeholder);
    const value = this.read(row, operand.path);
    return operand.kind === 'path' ? value : sizeOf(value);
  }
}

/** Developer Guide, "size": bytes of a string, members of a list or map; nothing for other types. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.keys(value).length;
}

function assertAllUsed(what: string, given: object, used: readonly ReadonlySet<string>[]): void {
  for (const placeholder of Object.keys(given)) {
    if (!used.some((set) => set.has(placeholder))) {
      throw validationError(
        `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${placeholder}}`,
      );
    }
  }
  for (const set of used) {
    for (const placeholder of set) {
      if (Reflect.get(given, placeholder) !== undefined) continue;
      throw validationError(
        `Invalid expression: ExpressionAttribute${what} used in expression is not defined: ${placeholder}`,
      );
    }
  }
}

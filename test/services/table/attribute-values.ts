import { NotSimulatedError } from '../command.ts';
import { validationError } from '../service-errors.ts';
import type { Row } from './options.ts';

/** Amazon DynamoDB Developer Guide, "Quotas": the largest item, names included. */
export const MAX_ROW_BYTES = 400 * 1024;

/** A row as it lies in the table: nobody can change it, so it is handed out as it is. */
export interface StoredRow {
  readonly row: Row;
  readonly bytes: number;
}

/**
 * A deep copy, deeply frozen, without what is `undefined` (as the document client does with `removeUndefinedValues`).
 * @throws Error for what the document client cannot marshal; ValidationException for a row over 400 KB
 */
export function storedRowOf(item: Row): StoredRow {
  const copied = copyMap(item);
  const row = copied.value as Row;
  // What a nested map costs besides its names and values, a row does not.
  const stored = { row, bytes: copied.bytes - MAP_BYTES - Object.keys(row).length };
  if (stored.bytes > MAX_ROW_BYTES) {
    throw validationError('Item size has exceeded the maximum allowed size');
  }
  return stored;
}

/** A value alone, copied and frozen likewise. */
export function storedValueOf(value: unknown): unknown {
  return copyValue(value).value;
}

/** Sizes: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats". */
const MAP_BYTES = 3;

interface Copied {
  value: unknown;
  bytes: number;
}

function copyMap(map: Readonly<Record<string, unknown>>): Copied {
  const value: Record<string, unknown> = {};
  let bytes = MAP_BYTES;
  for (const name of Object.keys(map)) {
    const member = map[name];
    if (member === undefined) continue;
    const copied = copyValue(member);
    value[name] = copied.value;
    bytes += 1 + Buffer.byteLength(name) + copied.bytes;
  }
  return { value: Object.freeze(value), bytes };
}

function copyValue(value: unknown): Copied {
  switch (typeof value) {
    case 'string':
      return { value, bytes: Buffer.byteLength(value) };
    case 'number':
      return { value: checkNumber(value), bytes: 1 + Math.ceil(String(Math.abs(value)).length / 2) };
    case 'boolean':
      return { value, bytes: 1 };
    case 'object':
      return value === null ? { value, bytes: 1 } : copyObject(value);
    default:
      throw new NotSimulatedError(`an attribute of type ${typeof value}`);
  }
}

function copyObject(value: object): Copied {
  if (Array.isArray(value)) {
    const members = value.filter((member) => member !== undefined).map(copyValue);
    const bytes = members.reduce((sum, member) => sum + 1 + member.bytes, MAP_BYTES);
    return { value: Object.freeze(members.map((member) => member.value)), bytes };
  }
  // Bytes cannot be frozen: each reader of a row could change them.
  if (value instanceof Uint8Array) return { value: Uint8Array.from(value), bytes: value.byteLength };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotSimulatedError(`an attribute of class ${value.constructor.name}`);
  }
  return copyMap(value as Record<string, unknown>);
}

/** The document client refuses numbers that JavaScript does not hold exactly. */
function checkNumber(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`Special numeric value ${value} is not allowed`);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new Error('Number is greater than MAX_SAFE_INTEGER');
  return value;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Order of strings by their UTF-8 bytes: that of DynamoDB's sort keys and S3's listings. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 has the same order, except for surrogate pairs.
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** Strings and numbers have an order, among their own kind alone. */
export function compareValues(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareUtf8(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return undefined;
}

export function areEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && areEqual(Reflect.get(a, name), Reflect.get(b, name)))
  );
}

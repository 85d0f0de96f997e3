/**
 * A row as a table would give it back: no part of it is shared with who wrote it, and attributes that are `undefined` are
 * not there.
 */
export function storedCopy<T>(row: T): T {
  return JSON.parse(JSON.stringify(row)) as T;
}

/** BatchWriteItem and BatchGetItem refuse a batch that names one key twice (ValidationException). */
export function expectDistinct(keys: readonly string[]): void {
  if (new Set(keys).size === keys.length) return;
  throw new RangeError('expected a batch of distinct keys, got one twice; DynamoDB refuses such a batch');
}

/** Values of rows as DynamoDB writes them in JSON (Amazon DynamoDB API Reference, AttributeValue), and back. */
export type AttributeValue = Record<string, unknown>;

/** Of a map: attributes that are `undefined` are left out. */
export function toAttributes(row: object): Record<string, AttributeValue> {
  const present = Object.entries(row).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, toAttribute(value)]));
}

function toAttribute(value: unknown): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter((item) => item !== undefined).map(toAttribute) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (typeof value === 'object' && isPlain(value)) return { M: toAttributes(value) };
  throw new TypeError(`expected a value of a row, got ${typeof value}`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function toNumber(value: number): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new TypeError('expected a number of a row, got one that is too large');
}

export function fromAttributes(attributes: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, fromAttribute(value as AttributeValue)]),
  );
}

function fromAttribute(attribute: AttributeValue): unknown {
  const [kind = '', value] = Object.entries(attribute)[0] ?? [];
  switch (kind) {
    case 'S':
    case 'BOOL':
      return value;
    case 'N':
      return toNumber(Number(value));
    case 'NULL':
      return null;
    case 'L':
      return (value as AttributeValue[]).map(fromAttribute);
    case 'M':
      return fromAttributes(value as object);
    case 'B':
      return new Uint8Array(Buffer.from(String(value), 'base64'));
    default:
      // Sets: no row has one.
      throw new TypeError(`expected a value of a row, got ${kind}`);
  }
}

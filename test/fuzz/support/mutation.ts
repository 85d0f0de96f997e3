import fc from 'fast-check';

type Change =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'set'; at: number; value: number }
  | { kind: 'cut'; at: number; length: number }
  | { kind: 'insert'; at: number; bytes: Uint8Array }
  | { kind: 'repeat'; at: number; length: number }
  | { kind: 'end'; at: number };

const at = fc.nat(1_000_000);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('set' as const),
    at,
    value: fc.constantFrom(0, 0xff, 0xfe, 0x1b, 0x5c, 0x80),
  }),
  fc.record({ kind: fc.constant('cut' as const), at, length: fc.nat(300) }),
  fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at, length: fc.nat(300) }),
  fc.record({ kind: fc.constant('end' as const), at }),
);

/** Some bytes changed, cut out, put in or repeated. Positions turn around at the end. */
export const changes = fc.array(change, { minLength: 1, maxLength: 6 });

export function mutate(original: Uint8Array, list: readonly Change[]): Buffer {
  return list.reduce((bytes, step) => applied(bytes, step), Buffer.from(original));
}

function applied(bytes: Buffer<ArrayBuffer>, step: Change): Buffer<ArrayBuffer> {
  // Headers stand at the front, so half of the changes are made there.
  const span = step.at % 2 === 0 ? bytes.length : Math.min(bytes.length, 1024);
  const position = span === 0 ? 0 : step.at % span;
  switch (step.kind) {
    case 'flip':
      if (bytes.length > 0) bytes[position] = (bytes[position] ?? 0) ^ (1 << step.bit);
      return bytes;
    case 'set':
      if (bytes.length > 0) bytes[position] = step.value;
      return bytes;
    case 'cut':
      return Buffer.concat([bytes.subarray(0, position), bytes.subarray(position + step.length)]);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, position), step.bytes, bytes.subarray(position)]);
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, position + step.length), bytes.subarray(position)]);
    case 'end':
      return bytes.subarray(0, position);
    default:
      return step satisfies never;
  }
}

/** The start of one file with the end of another. */
export function splice(first: Uint8Array, second: Uint8Array, where: number): Buffer {
  const from = first.length === 0 ? 0 : where % first.length;
  return Buffer.concat([first.subarray(0, from), second.subarray(Math.min(from, second.length))]);
}

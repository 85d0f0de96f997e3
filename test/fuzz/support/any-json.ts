import fc from 'fast-check';

/** Names that objects inherit, and that code looks for. */
export const trapName = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '0',
);

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, '', '\ud800', '\0', '[object Object]'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
);

/** Any JSON value, in which the names given turn up often. */
export function jsonWith(
  names: readonly string[],
  values: fc.Arbitrary<unknown> = scalar,
): fc.Arbitrary<unknown> {
  const name = fc.oneof(
    { arbitrary: fc.constantFrom(...names), weight: 6 },
    trapName,
    fc.string({ maxLength: 8 }),
  );
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      { arbitrary: values, weight: 3 },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      // `JSON.parse` gives each object its usual prototype; zod cannot name an object without one.
      { arbitrary: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }), weight: 3 },
    ),
  })).value;
}

/** JSON, cut off, with something before or after it, doubled names, or no JSON at all. */
export function textOf(json: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  // A double that JSON has no word for becomes null, as on the wire.
  const text = json.map((value) => JSON.stringify(value) ?? 'null');
  return fc.oneof(
    { arbitrary: text, weight: 6 },
    text.map((whole) => whole.slice(0, -1)),
    text.map((whole) => `\ufeff${whole}`),
    fc.tuple(text, text).map(([one, other]) => one.replace(/\}$/, `,${other.slice(1)}`)),
    fc.nat(20_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    fc.nat(20_000).map((depth) => '{"series":'.repeat(depth)),
    fc.string({ unit: 'binary' }),
  );
}

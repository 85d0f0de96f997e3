import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MultipartError, MultipartScanner } from '../../../local/qure-simulator/multipart-scanner.ts';

interface Part {
  headers: Record<string, string>;
  body: string;
}

function scan(chunks: readonly Buffer[], boundary = 'b'): Part[] {
  const scanner = new MultipartScanner(boundary);
  const parts: Part[] = [];
  for (const chunk of chunks) {
    for (const event of scanner.push(chunk)) {
      if (event.kind === 'part') parts.push({ headers: Object.fromEntries(event.headers), body: '' });
      const part = parts.at(-1);
      if (event.kind === 'data' && part !== undefined) part.body += event.bytes.toString('latin1');
    }
  }
  scanner.end();
  return parts;
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('well-formed bodies, cut in two at every position and into single bytes', () => {
  test.each<[string, string, Part[]]>([
    ['one part', '--b\r\nA: 1\r\n\r\nbody\r\n--b--\r\n', [{ headers: { a: '1' }, body: 'body' }]],
    [
      'two parts',
      '--b\r\nA: 1\r\n\r\nx\r\n--b\r\nB: 2\r\n\r\ny\r\n--b--',
      [
        { headers: { a: '1' }, body: 'x' },
        { headers: { b: '2' }, body: 'y' },
      ],
    ],
    ['an empty part', '--b\r\nA: 1\r\n\r\n\r\n--b--', [{ headers: { a: '1' }, body: '' }]],
    ['a part without headers', '--b\r\n\r\nx\r\n--b--', [{ headers: {}, body: 'x' }]],
    ['an empty part without headers', '--b\r\n\r\n\r\n--b--', [{ headers: {}, body: '' }]],
    [
      'a preamble and an epilogue',
      'hello\r\n--b\r\nA: 1\r\n\r\nx\r\n--b--\r\nbye\r\n--b',
      [{ headers: { a: '1' }, body: 'x' }],
    ],
    ['padding behind the boundary', '--b \t\r\nA: 1\r\n\r\nx\r\n--b--', [{ headers: { a: '1' }, body: 'x' }]],
    [
      'line ends and near-boundaries in the body',
      '--b\r\nA: 1\r\n\r\n\r\n\r\n--\r\n-b\r\r\n--\r\n--b--',
      [{ headers: { a: '1' }, body: '\r\n\r\n--\r\n-b\r\r\n--' }],
    ],
    [
      'a boundary without its line end in the body',
      '--b\r\nA: 1\r\n\r\nx--b--\r\n--b--',
      [{ headers: { a: '1' }, body: 'x--b--' }],
    ],
    ['no part at all', '--b--\r\n', []],
  ])('%s', (_name, text, expected) => {
    const body = bytes(text);
    expect(scan([body])).toEqual(expected);
    for (let cut = 0; cut <= body.length; cut++) {
      expect(scan([body.subarray(0, cut), body.subarray(cut)]), `cut at ${cut}`).toEqual(expected);
    }
    expect(scan([...body].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });
});

test('any binary bodies in any chunks come out as they went in', () => {
  const boundary = 'R4nd0m-Boundary';
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(Buffer.from('\r\n--R4nd0m-Boundar'))),
        { maxLength: 4 },
      ),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (bodies, sizes) => {
        const whole = Buffer.concat([
          ...bodies.flatMap((body) => [
            bytes(`--${boundary}\r\nN: v\r\n\r\n`),
            Buffer.from(body),
            bytes('\r\n'),
          ]),
          bytes(`--${boundary}--`),
        ]);
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        const expected = bodies.map((body) => Buffer.from(body).toString('latin1'));
        expect(scan(chunks, boundary).map((part) => part.body)).toEqual(expected);
      },
    ),
  );
});

describe('malformed bodies', () => {
  test.each<[string, string]>([
    ['no boundary at all', 'hello'],
    ['an empty body', ''],
    ['no closing boundary', '--b\r\nA: 1\r\n\r\nx\r\n'],
    ['the body ends in the headers', '--b\r\nA: 1\r\n'],
    ['the closing boundary is cut', '--b\r\nA: 1\r\n\r\nx\r\n--b-'],
    ['other bytes behind the boundary', '--b\r\nA: 1\r\n\r\nx\r\n--bc\r\n'],
    ['a header without a colon', '--b\r\nA 1\r\n\r\nx\r\n--b--'],
    ['headers without end', `--b\r\nA: ${'x'.repeat(20_000)}`],
  ])('%s', (_name, text) => {
    expect(() => scan([bytes(text)])).toThrow(MultipartError);
    expect(() => scan([...bytes(text)].map((byte) => Buffer.from([byte])))).toThrow(MultipartError);
  });
});

test('a long body is handed on, not collected', () => {
  const scanner = new MultipartScanner('b');
  Array.from(scanner.push(bytes('--b\r\nA: 1\r\n\r\n')));
  for (let turn = 0; turn < 50; turn++) {
    const sizes = Array.from(scanner.push(Buffer.alloc(1000)), (event) =>
      event.kind === 'data' ? event.bytes.length : 0,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(990);
  }
});

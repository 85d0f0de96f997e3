import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSourcesFile } from '../../../infra/options/sources-file.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'qure-dropoff-sources-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Nine lists of nine each, nine times over. */
function bomb(): string {
  const lists = ['a', 'b', 'c', 'd', 'e'].map((name, at, names) => {
    const item = at === 0 ? 'x' : `*${names[at - 1]}`;
    return `${name}: &${name} [${Array(9).fill(item).join(', ')}]`;
  });
  return `${lists.join('\n')}\nsources: *e\n`;
}

function read(content: string) {
  const path = join(dir, 'sources.yaml');
  writeFileSync(path, content);
  return readSourcesFile(path);
}

describe('a sources file', () => {
  it('keeps each document as it is written, so that later defaults apply to it', () => {
    const sources = read(
      'sources:\n  north:\n    prefix: from-north/\n    quietPeriodSeconds: 90\n  south: {}\n',
    );
    expect(sources).toEqual([
      { name: 'north', document: { prefix: 'from-north/', quietPeriodSeconds: 90 } },
      { name: 'south', document: {} },
    ]);
  });

  it('can be JSON', () => {
    expect(read('{"sources": {"north": {"product": "qER"}}}')).toEqual([
      { name: 'north', document: { product: 'qER' } },
    ]);
  });

  it.each([
    {
      qure: '{ baseUrl: "https://qure.example", source: "S", token: "very-secret" }',
      left: { baseUrl: 'https://qure.example', source: 'S' },
    },
    {
      qure: '{ baseUrl: "https://qure.example", source: "S", tokenEnv: "VERY_SECRET" }',
      left: { baseUrl: 'https://qure.example', source: 'S' },
    },
    { qure: '{ secretName: "of-radiology", token: "very-secret" }', left: { secretName: 'of-radiology' } },
    { qure: '{ token: "very-secret" }', left: undefined },
  ])('never carries a token into the template: $qure', ({ qure, left }) => {
    const sources = read(`sources:\n  north:\n    prefix: n/\n    qure: ${qure}\n`);
    expect(sources).toEqual([
      { name: 'north', document: { prefix: 'n/', ...(left === undefined ? {} : { qure: left }) } },
    ]);
    expect(JSON.stringify(sources)).not.toMatch(/very.secret/i);
  });

  it.each([
    {
      why: 'prefixes overlap',
      content: 'sources: { a: { prefix: x/ }, b: { prefix: x/y/ } }',
      message: /overlaps/,
    },
    { why: 'an option is unknown', content: 'sources: { a: { quietPeriod: 5 } }', message: /quietPeriod/ },
    { why: 'it is empty', content: '', message: /mistake/ },
    { why: 'it is not YAML', content: 'sources: {', message: /sources\.yaml/ },
    { why: 'it is a list', content: '- north', message: /document: .*expected object/ },
    {
      why: 'a source stands twice',
      content: 'sources:\n  a: {}\n  a: {}\n',
      message: /unique at line 3, column 3\. Correct/,
    },
    {
      why: 'it is two documents',
      content: 'sources: { a: {} }\n---\nsources: { b: {} }',
      message: /multiple documents/,
    },
    { why: 'an alias names nothing', content: 'sources: { a: *b }', message: /Unresolved alias.*b/ },
    { why: 'its aliases unfold without end', content: bomb(), message: /alias count/ },
    { why: 'it is nested without end', content: '['.repeat(100_000), message: /call stack.*line 1/ },
  ])('is refused when $why', ({ content, message }) => {
    expect(() => read(content)).toThrow(message);
  });

  it('never quotes a line: it may hold a token', () => {
    const twice = 'sources:\n  a:\n    qure:\n      token: very-secret\n      token: very-secret\n';
    const warned: string[] = [];
    const listen = (warning: Error) => warned.push(String(warning));
    process.on('warning', listen);
    expect(() => read(twice)).toThrow(/unique at line 5/);
    for (const content of [twice, 'sources: { a: { qure: { token: !secret very-secret } } }']) {
      try {
        read(content);
      } catch (error) {
        expect(inspect(error)).not.toContain('very-secret');
      }
    }
    process.off('warning', listen);
    expect(warned).toEqual([]);
  });

  it('is refused when it is a folder', () => {
    expect(() => readSourcesFile(dir)).toThrow(/EISDIR.*Correct it/s);
  });

  it('names a file that does not exist', () => {
    expect(() => readSourcesFile(join(dir, 'none.yaml'))).toThrow(/none\.yaml.*Correct it/s);
  });
});

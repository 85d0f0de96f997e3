import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSourcesFile } from '../../../infra/sources-file.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'qure-dropoff-sources-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function read(content: string) {
  const path = join(dir, 'sources.yaml');
  writeFileSync(path, content);
  return readSourcesFile(path);
}

describe('a sources file', () => {
  it('gives each source its document as it is written, so that later defaults reach it', () => {
    const sources = read(
      'sources:\n  north:\n    prefix: from-north/\n    quietPeriodSeconds: 90\n  south: {}\n',
    );
    expect(sources).toEqual([
      { name: 'north', document: { prefix: 'from-north/', quietPeriodSeconds: 90 } },
      { name: 'south', document: {} },
    ]);
  });

  it('may be JSON', () => {
    expect(read('{"sources": {"north": {"product": "qER"}}}')).toEqual([
      { name: 'north', document: { product: 'qER' } },
    ]);
  });

  it('never carries credentials into the template', () => {
    const qure = '{ baseUrl: "https://qure.example", source: "S", token: "very-secret" }';
    const sources = read(`sources:\n  north:\n    qure: ${qure}\n`);
    expect(sources).toEqual([{ name: 'north', document: {} }]);
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
  ])('is refused when $why', ({ content, message }) => {
    expect(() => read(content)).toThrow(message);
  });

  it('says which file is not there', () => {
    expect(() => readSourcesFile(join(dir, 'none.yaml'))).toThrow(/none\.yaml.*Correct it/s);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../../infra/bundle.ts';

const resolve = createRequire(import.meta.url).resolve;

let dir: string;
let options: { entriesDir: string; outDir: string };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qure-dropoff-bundle-'));
  options = { entriesDir: join(dir, 'functions'), outDir: join(dir, 'dist') };
});
afterEach(() => rmSync(dir, { recursive: true }));

function writeEntry(name: string, source: string): void {
  mkdirSync(join(options.entriesDir, name), { recursive: true });
  writeFileSync(join(options.entriesDir, name, 'index.ts'), source);
}

describe('bundleFunctions', () => {
  it('makes one ESM file per function, with nothing beside it that would be deployed', () => {
    writeEntry('first', 'export const handler = async (): Promise<string> => "one";');
    writeEntry('second', 'export const handler = async (): Promise<string> => "two";');
    const folders = bundleFunctions(['first', 'second'], options);
    expect(folders).toEqual({
      first: join(options.outDir, 'functions', 'first'),
      second: join(options.outDir, 'functions', 'second'),
    });
    expect(readdirSync(folders.first)).toEqual(['index.mjs']);
    expect(readdirSync(join(options.outDir, 'source-maps'))).toEqual(['first.mjs.map', 'second.mjs.map']);
    expect(answerOf(folders.second)).toBe('two');
  });

  it('runs a library that requires a module of Node when it is called', () => {
    writeEntry(
      'reader',
      `import dicomParser from ${JSON.stringify(resolve('dicom-parser'))};
       export const handler = async (): Promise<string> => typeof dicomParser.parseDicom;`,
    );
    writeEntry(
      'requirer',
      'declare const require: (id: string) => { inflateRawSync: unknown };\nexport const handler = async () => typeof require("zlib").inflateRawSync;',
    );
    const folders = bundleFunctions(['reader', 'requirer'], options);
    expect(answerOf(folders.reader)).toBe('function');
    expect(answerOf(folders.requirer)).toBe('function');
  });

  it('keeps the names of errors', () => {
    writeEntry(
      'thrower',
      `class ReceiptMismatchError extends Error {}
       export const handler = async () => new ReceiptMismatchError('').constructor.name;`,
    );
    expect(answerOf(bundleFunctions(['thrower'], options).thrower)).toBe('ReceiptMismatchError');
  });

  it('gives the same bytes for the same sources, and removes other files of the folder', () => {
    writeEntry('same', 'export const handler = async () => 1;');
    const folder = bundleFunctions(['same'], options).same;
    const before = readFileSync(join(folder, 'index.mjs'));
    writeFileSync(join(folder, 'left-over.mjs'), '');
    bundleFunctions(['same'], options);
    expect(readFileSync(join(folder, 'index.mjs'))).toEqual(before);
    expect(readdirSync(folder)).toEqual(['index.mjs']);
  });

  it('names every function that has no entry file', () => {
    expect(() => bundleFunctions(['absent', 'missing'], options)).toThrow(
      /absent\/index\.ts, .*missing\/index\.ts/,
    );
  });
});

/** What a bundle's handler answers, in a process of its own as under Lambda. */
function answerOf(folder: string): string {
  const program = `const { handler } = await import(${JSON.stringify(`file://${folder}/index.mjs`)});
    process.stdout.write(String(await handler()));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout;
}

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
  it('makes one ESM file per function, with nothing beside it that would be deployed', async () => {
    writeEntry('first', 'export const handler = async (): Promise<string> => "one";');
    writeEntry('second', 'export const handler = async (): Promise<string> => "two";');
    const folders = await bundleFunctions(['first', 'second'], options);
    expect(folders).toEqual({
      first: join(options.outDir, 'functions', 'first'),
      second: join(options.outDir, 'functions', 'second'),
    });
    expect(readdirSync(folders.first)).toEqual(['index.mjs']);
    expect(readdirSync(join(options.outDir, 'source-maps'))).toEqual(['first.mjs.map', 'second.mjs.map']);
    expect(answerOf(folders.second)).toBe('two');
  });

  it('runs a library that requires a module of Node when it is called', async () => {
    writeEntry(
      'reader',
      `import dicomParser from ${JSON.stringify(resolve('dicom-parser'))};
       export const handler = async (): Promise<string> => typeof dicomParser.parseDicom;`,
    );
    writeEntry(
      'requirer',
      'declare const require: (id: string) => { inflateRawSync: unknown };\nexport const handler = async () => typeof require("zlib").inflateRawSync;',
    );
    const folders = await bundleFunctions(['reader', 'requirer'], options);
    expect(answerOf(folders.reader)).toBe('function');
    expect(answerOf(folders.requirer)).toBe('function');
  });

  it('keeps the names of errors', async () => {
    writeEntry(
      'thrower',
      `class ReceiptMismatchError extends Error {}
       export const handler = async () => new ReceiptMismatchError('').constructor.name;`,
    );
    expect(answerOf((await bundleFunctions(['thrower'], options)).thrower)).toBe('ReceiptMismatchError');
  });

  it('gives the same bytes for the same sources, and removes other files of the folder', async () => {
    writeEntry('same', 'export const handler = async () => 1;');
    const { same: folder } = await bundleFunctions(['same'], options);
    const before = readFileSync(join(folder, 'index.mjs'));
    writeFileSync(join(folder, 'left-over.mjs'), '');
    await bundleFunctions(['same'], options);
    expect(readFileSync(join(folder, 'index.mjs'))).toEqual(before);
    expect(readdirSync(folder)).toEqual(['index.mjs']);
  });

  it.each([
    ['Parameter Store', 'ssm', 'SSM', 'GetParametersByPathCommand', { Path: '/sources' }],
    ['KMS', 'kms', 'KMS', 'DecryptCommand', { CiphertextBlob: [0] }],
  ])(
    "leaves the classes of %s's errors out, and keeps their names, their messages and the retries",
    async (_, id, prefix, command, input) => {
      const client = JSON.stringify(resolve(`@aws-sdk/client-${id}`).replace('dist-cjs', 'dist-es'));
      writeEntry(
        id,
        `import { ${command}, ${prefix}Client } from ${client};
       import { createServer } from 'node:http';
       const answers = [['ThrottlingException', 'Rate exceeded'], ['NotFoundException', 'no such one'], ['NewOfTomorrow', '']];
       export const handler = async () => {
         const server = createServer((_, answer) => {
           const [name, message] = answers.shift() ?? [];
           answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
           answer.end(JSON.stringify({ __type: name, message }));
         });
         await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
         const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
         const client = new ${prefix}Client({ endpoint: 'http://127.0.0.1:' + server.address().port, region: 'eu-central-1', credentials });
         const told = [];
         for (const _ of [1, 2])
           await client.send(new ${command}(${JSON.stringify(input)})).catch((error) => {
             const { name, message, $metadata: { httpStatusCode, attempts } } = error;
             told.push([name, message, httpStatusCode, attempts].join(' '));
           });
         server.close();
         client.destroy();
         return told.join(', ');
       };`,
      );
      const { [id]: folder = '' } = await bundleFunctions([id], options);
      expect(answerOf(folder)).toBe('NotFoundException no such one 400 2, NewOfTomorrow UnknownError 400 1');
      // A class has the whole name of its shape.
      const code = readFileSync(join(folder, 'index.mjs'), 'utf8');
      expect(code.match(new RegExp(`com\\.amazonaws\\.${id}#\\w+`, 'g'))).toEqual([
        `com.amazonaws.${id}#${prefix}ServiceException`,
      ]);
    },
  );

  it('names every function that has no entry file', async () => {
    await expect(bundleFunctions(['absent', 'missing'], options)).rejects.toThrow(
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

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const REPOSITORY = new URL('../../../', import.meta.url);

/** The rooms of `functions/`, from the top. A file imports from its own room and from those below it (docs/architecture-reference.md). */
const ROOMS = [
  'handlers',
  'aws',
  'api',
  'recovery',
  'results',
  'delivery',
  'completion',
  'ingest',
  'admission',
  'series',
  'sources',
  'routing',
  'instances',
  'archives',
  'qure',
  'shared',
];

interface Import {
  file: string;
  /** A path from the root of the repository, or the name of a package. */
  target: string;
}

const code = (pattern: string): Map<string, string> =>
  new Map(
    globSync(pattern, { cwd: REPOSITORY }).map((path) => {
      const file = path.replaceAll('\\', '/');
      return [file, readFileSync(new URL(file, REPOSITORY), 'utf8')];
    }),
  );

const importsOf = (files: ReadonlyMap<string, string>): Import[] =>
  [...files].flatMap(([file, text]) =>
    [...text.matchAll(/(?:\bfrom|\bimport\()\s*'([^']+)'/g)].map(([, target = '']) => ({
      file,
      target: target.startsWith('.')
        ? relative('.', join(dirname(file), target)).replaceAll('\\', '/')
        : target,
    })),
  );

const FUNCTIONS = code('functions/**/*.ts');
const roomOf = (path: string): string => path.split('/')[1] ?? '';

describe('functions/', () => {
  test('has the rooms that this test knows, and no file beside them', () => {
    expect(new Set([...FUNCTIONS.keys()].map(roomOf))).toEqual(new Set(ROOMS));
  });

  test('a room imports only from itself and from the rooms below it', () => {
    const upwards = importsOf(FUNCTIONS)
      .filter(({ target }) => target.startsWith('functions/'))
      .filter(({ file, target }) => ROOMS.indexOf(roomOf(target)) < ROOMS.indexOf(roomOf(file)))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(upwards).toEqual([]);
  });

  test('imports from packages by name, and nothing from the rest of the repository', () => {
    const others = importsOf(FUNCTIONS)
      .filter(({ target }) => /^(?:cli|infra|local|test|build|bench|packages)\//.test(target))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(others).toEqual([]);
  });

  test('only handlers, aws and the client of Qure do I/O of their own', () => {
    const WITH_IO = /^functions\/(?:handlers|aws|qure\/client)\//;
    const IO = /^(?:@aws-sdk\/|node:(?:fs|http|https|dns|tls|child_process|timers))/;
    const doers = importsOf(FUNCTIONS)
      .filter(({ file, target }) => !WITH_IO.test(file) && IO.test(target))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(doers).toEqual([]);
  });

  test('only handlers, aws and the client of Qure read the clock, randomness or the environment', () => {
    const READS = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\b|\bprocess\.env[.[]|\brandom(?:UUID|Bytes)\(/;
    const readers = [...FUNCTIONS]
      .filter(([file, text]) => !/^functions\/(?:handlers|aws|qure\/client)\//.test(file) && READS.test(text))
      .map(([file]) => file);
    expect(readers).toEqual([]);
  });
});

describe('packages/', () => {
  test('know nothing of the pipeline', () => {
    const others = importsOf(code('packages/*/{src,test}/**/*.ts'))
      .filter(({ target }) => /^(?:cli|functions|infra|local|test|build|bench)\//.test(target))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(others).toEqual([]);
  });

  test('import one another by name', () => {
    const packageOf = (path: string) => path.split('/')[1];
    const byPath = importsOf(code('packages/*/{src,test}/**/*.ts'))
      .filter(({ file, target }) => target.startsWith('packages/') && packageOf(target) !== packageOf(file))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(byPath).toEqual([]);
  });
});

describe('console/', () => {
  const CONSOLE = code('console/**/*.{ts,tsx}');

  test('imports types only from functions/, and nothing else of the repository', () => {
    const others = [...CONSOLE].flatMap(([file, text]) =>
      [
        ...text.matchAll(
          /^(import|export) (?!type )[^;]*?'((?:\.\.\/)+(?:functions|infra|local|test|packages)\/[^']+)'/gms,
        ),
      ].map(([, , target]) => `${file} imports ${target}`),
    );
    expect(others).toEqual([]);
  });

  test('has nothing of Node, and reads no text as markup', () => {
    const doers = [...CONSOLE]
      .filter(([, text]) =>
        /'node:|\bprocess\.|\bBuffer\b|dangerouslySetInnerHTML|\.innerHTML|\beval\(/.test(text),
      )
      .map(([file]) => file);
    expect(doers).toEqual([]);
  });

  test('asks the server by its API client alone', () => {
    const askers = [...CONSOLE]
      .filter(([, text]) => /\bfetch\(|XMLHttpRequest/.test(text))
      .map(([file]) => file);
    expect(askers.toSorted()).toEqual([
      'console/shared/api.ts',
      'console/shared/config.ts',
      'console/shared/fetch-file.ts',
      'console/shared/put-file.ts',
    ]);
  });
});

describe('local/ and infra/', () => {
  test('know nothing of the command line', () => {
    const others = importsOf(code('{local,infra}/**/*.ts'))
      .filter(({ target }) => target.startsWith('cli/'))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(others).toEqual([]);
  });
});

describe('cli/', () => {
  test('loads no client of AWS before a command needs it', () => {
    const light = importsOf(code('cli/{commands,frame,output,start}/**/*.ts'))
      .filter(({ target }) => target.startsWith('@aws-sdk/'))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(light).toEqual([]);
  });
});

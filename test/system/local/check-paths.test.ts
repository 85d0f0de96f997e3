import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPaths } from '../../../local/options/check-paths.ts';
import { UsageError } from '../../../local/options.ts';

let folder: string;
let file: string;
const socketServer = createServer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-'));
  file = join(folder, 'file');
  await writeFile(file, 'x');
  await new Promise<void>((resolve) => socketServer.listen(join(folder, 'socket'), resolve));
});
afterAll(async () => {
  socketServer.close();
  await rm(folder, { recursive: true });
});

type Paths = Parameters<typeof checkPaths>[0];
const options = (paths: Partial<Paths>): Paths => ({
  paths: [],
  dataDir: join(folder, 'data/deep'),
  ...paths,
});

describe('paths that can be used', () => {
  const rows: { name: string; paths: () => Partial<Paths> }[] = [
    { name: 'none', paths: () => ({}) },
    { name: 'a file and a folder', paths: () => ({ paths: [file, folder] }) },
    { name: 'a report beside others', paths: () => ({ jsonFile: join(folder, 'new.json') }) },
    { name: 'a report over an old one', paths: () => ({ jsonFile: file }) },
    { name: 'a sources file', paths: () => ({ configFile: file }) },
    { name: 'an old data folder', paths: () => ({ dataDir: folder }) },
  ];
  it.each(rows)('$name', async ({ paths }) => {
    await expect(checkPaths(options(paths()))).resolves.toBeUndefined();
  });
});

describe('paths that cannot be used', () => {
  const rows: { name: string; paths: () => Partial<Paths>; problem: RegExp }[] = [
    {
      name: 'nothing there',
      paths: () => ({ paths: [join(folder, 'gone')] }),
      problem: /gone": .*got no file or folder with this name: check the path/,
    },
    {
      name: 'below a file',
      paths: () => ({ paths: [join(file, 'x')] }),
      problem: /got a file instead of a folder/,
    },
    {
      name: 'a socket',
      paths: () => ({ paths: [join(folder, 'socket')] }),
      problem: /got a device, pipe or socket/,
    },
    {
      name: 'no sources file',
      paths: () => ({ configFile: join(folder, 'gone') }),
      problem: /^--config .*got no file or folder with this name/,
    },
    {
      name: 'a folder as sources file',
      paths: () => ({ configFile: folder }),
      problem: /^--config: .*got a folder/,
    },
    {
      name: 'a report in no folder',
      paths: () => ({ jsonFile: join(folder, 'gone/r.json') }),
      problem: /^--json .*got no file or folder with this name/,
    },
    { name: 'a folder as report', paths: () => ({ jsonFile: folder }), problem: /^--json: .*got a folder/ },
    {
      name: 'a file as data folder',
      paths: () => ({ dataDir: file }),
      problem: /^--data-dir .*got a file in the path/,
    },
    {
      name: 'a data folder below a file',
      paths: () => ({ dataDir: join(file, 'x') }),
      problem: /^--data-dir .*got a file in the path/,
    },
  ];
  it.each(rows)('$name', async ({ paths, problem }) => {
    const problems = await checkPaths(options(paths())).then(
      () => [],
      (error: unknown) => (error instanceof UsageError ? error.problems : []),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).not.toContain('\n');
  });

  it('are all reported at once', async () => {
    const paths = [join(folder, 'gone'), join(folder, 'away')];
    await expect(checkPaths(options({ paths, configFile: paths[0] ?? '' }))).rejects.toMatchObject({
      problems: [expect.any(String), expect.any(String), expect.any(String)],
    });
  });
});

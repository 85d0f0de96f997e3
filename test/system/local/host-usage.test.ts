import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDataDir } from '../../../local/cloud/data-dir-lock.ts';
import { startHostProcess } from '../../support/host-process.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'host-usage-'));
const dataDir = join(folder, 'data');
const at = (name: string) => join(folder, name);
const taken = createServer();

beforeAll(async () => {
  mkdirSync(dataDir);
  mkdirSync(at('empty'));
  mkdirSync(at('nothing'));
  mkdirSync(at('locked'));
  chmodSync(at('locked'), 0);
  writeFileSync(at('file'), '');
  writeFileSync(at('bad.yaml'), 'sources: { a: { prefix: /a }, b: { quietPeriodSeconds: -1 } }');
  await prepareStack(dataDir);
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

function takenPort(): string {
  const address = taken.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return String(address.port);
}

/** Lines on standard error of a host that must not start. */
async function refusal(args: readonly string[]): Promise<{ code: number | null; lines: string[] }> {
  const { code, err } = await startHostProcess(['--once', '--data-dir', dataDir, ...args]).ended;
  return { code, lines: err.trim().split('\n') };
}

describe('one clear line for each mistake, and exit code 2', () => {
  it.each<[string, () => string[], RegExp[]]>([
    [
      'a report in place of a folder',
      () => ['--json', at('empty')],
      [/^qure-dropoff: --json: .*got a folder/],
    ],
    [
      'a report in a folder that is not there',
      () => ['--json', at('no/report.json')],
      [/--json .*got no file or folder with this name/],
    ],
    ['a data directory that is a file', () => ['--data-dir', at('file')], [/--data-dir/]],
    ['an option without its value', () => ['--port'], [/--port/]],
    ['a time that is none', () => ['--quiet-period', 'soon'], [/--quiet-period.*soon/]],
    [
      'a sources file with mistakes',
      () => ['--config', at('bad.yaml')],
      [/sources\.a\.prefix/, /sources\.b\.quiet/],
    ],
    ['a sources file that is not there', () => ['--config', at('no.yaml')], [/--config|no\.yaml/]],
    ['two options that do not exist', () => ['--onze', '--jsn', 'x'], [/--once/, /--json/]],
    [
      'several paths that are not there',
      () => [at('one'), at('empty'), at('two')],
      [/one": expected a readable/, /two": expected a readable/],
    ],
    [
      'an S3 port in use',
      () => ['--s3-port', takenPort()],
      [/^qure-dropoff: a port is in use \(127\.0\.0\.1:\d+\): .*--port and --s3-port$/],
    ],
    [
      'a console port in use',
      () => ['--port', takenPort()],
      [/^qure-dropoff: a port is in use \(127\.0\.0\.1:\d+\): .*--port and --s3-port$/],
    ],
  ])('%s', async (_name, args, expected) => {
    const { code, lines } = await refusal(args());
    expect(lines).toEqual(expected.map((line) => expect.stringMatching(line)));
    expect(code).toBe(2);
  });

  it.skipIf(process.getuid?.() === 0)(
    'a folder without permission (not as root, who may read all)',
    async () => {
      const { code, lines } = await refusal([at('locked')]);
      expect(lines).toEqual([expect.stringMatching(/locked": expected a readable file, folder/)]);
      expect(code).toBe(2);
    },
  );
});

describe('a run that drops nothing', () => {
  it('ends with 1, and its report says why', async () => {
    const report = at('report.json');
    const args = ['--once', '--data-dir', dataDir, '--port', '0', '--s3-port', '0', '--json', report];
    const { code } = await startHostProcess([...args, at('nothing')]).ended;
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      series: [],
      notDropped: [{ path: at('nothing'), reason: expect.stringContaining('got none') }],
    });
  });
});

describe('a data directory in use', () => {
  it('ends the start with the folder and the process that holds it', async () => {
    const unlock = await lockDataDir(dataDir);
    try {
      const { code, lines } = await refusal([]);
      expect(lines).toEqual([
        expect.stringMatching(
          `^qure-dropoff: The data directory .* is in use by process ${process.pid}; stop it or choose another --data-dir$`,
        ),
      ]);
      expect(code).toBe(2);
    } finally {
      unlock();
    }
  });
});

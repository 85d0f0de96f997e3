import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { verify } from '../../../cli/commands/verify.ts';
import type { Provenance } from '../../../functions/results/provenance-schema.ts';
import { doneWorld } from '../../support/cli/done-world.ts';
import { runCli } from '../../support/cli/run-cli.ts';
import { SERIES, STUDY } from '../../support/world/scans.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'));
  folders.push(folder);
  return folder;
}

function put(folder: string, name: string, body: string | Uint8Array): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, body);
}

/** A finished series, as somebody downloads the results bucket, and the scans that were dropped. */
async function downloaded(product: 'qER' | 'qXR' = 'qER') {
  const { world, files } = await doneWorld(product);
  const scans = freshFolder();
  for (const [name, bytes] of files) put(scans, `any/${name}`, bytes);
  const top = freshFolder();
  for (const [key, { body }] of world.results.objects) put(top, key, body);
  return { top, folder: join(top, 'default', STUDY, SERIES, '1'), scans };
}

async function run(...argv: string[]) {
  const { code: exitCode, lines, errors } = await runCli(verify, argv);
  return { exitCode, lines, errors };
}

/** Exit code and kinds of problems, by what is printed as JSON. */
async function outcomeOf(...argv: string[]) {
  const { exitCode, lines } = await run('--json', ...argv);
  const { generations } = JSON.parse(lines.join('\n')) as {
    generations: { problems: { kind: string; subject?: string }[]; notes: string[] }[];
  };
  const problems = generations.flatMap((one) => one.problems);
  return { exitCode, problems: problems.map(({ kind, subject }) => [kind, subject]), generations };
}

function change(folder: string, edit: (provenance: Provenance) => void): void {
  const file = join(folder, 'provenance.json');
  const provenance = JSON.parse(readFileSync(file, 'utf8')) as Provenance;
  edit(provenance);
  writeFileSync(file, JSON.stringify(provenance));
}

describe('verify', () => {
  test.each(['qER', 'qXR'] as const)(
    'REQ-PROV-2: accepts a result of %s as it was stored, with its scans',
    async (product) => {
      const { top, scans } = await downloaded(product);
      expect(await run(top, '--scans', scans)).toMatchObject({
        exitCode: 0,
        lines: [expect.stringMatching(/^OK /), '1 generation, 0 differ'],
      });
    },
  );

  const CHANGES: { name: string; apply: (folder: string) => void; problems: unknown[] }[] = [
    {
      name: 'a changed result',
      apply: (folder) =>
        put(
          folder,
          'result.json',
          readFileSync(join(folder, 'result.json'), 'utf8').replace('Critical', 'Routine'),
        ),
      problems: [['changed_file', 'result.json']],
    },
    {
      name: 'a changed asset',
      apply: (folder) => put(folder, 'files/pdf/0', 'another'),
      problems: [['changed_file', 'files/pdf/0']],
    },
    {
      name: 'a missing asset',
      apply: (folder) => rmSync(join(folder, 'files/pdf/0')),
      problems: [['missing_file', 'files/pdf/0']],
    },
    {
      name: 'a file that was put there',
      apply: (folder) => put(folder, 'files/pdf/1', 'new'),
      problems: [['extra_file', 'files/pdf/1']],
    },
    {
      name: 'a link to somewhere else',
      apply: (folder) => symlinkSync('/etc/hostname', join(folder, 'files', 'link')),
      problems: [['extra_file', 'files/link']],
    },
    {
      name: 'no provenance',
      apply: (folder) => rmSync(join(folder, 'provenance.json')),
      problems: [['no_provenance', undefined]],
    },
    {
      name: 'a provenance that is no JSON',
      apply: (folder) => put(folder, 'provenance.json', '{'),
      problems: [['invalid_provenance', undefined]],
    },
    {
      name: 'a provenance that names a file outside of its folder',
      apply: (folder) =>
        change(folder, (provenance) => {
          provenance.files.push({ name: '../../x', sizeBytes: 1, sha256: 'a'.repeat(64) });
        }),
      problems: [['missing_file', '../../x']],
    },
    {
      name: 'an instance left out of the list',
      apply: (folder) => change(folder, (provenance) => void provenance.instances.pop()),
      problems: [
        ['instance_count', undefined],
        ['fingerprint', undefined],
      ],
    },
    {
      name: 'another content of an instance',
      apply: (folder) =>
        change(folder, ({ instances: [first] }) => {
          if (first !== undefined) first.etag = 'another';
        }),
      problems: [['fingerprint', undefined]],
    },
    {
      name: 'the provenance of another generation',
      apply: (folder) =>
        change(folder, (provenance) => {
          provenance.generation = 2;
        }),
      problems: [['misplaced', undefined]],
    },
    {
      name: 'another use case and model than the answer has',
      apply: (folder) =>
        change(folder, (provenance) => {
          provenance.usecase = 'qct';
          provenance.modelVersion = 'another';
        }),
      problems: [
        ['usecase', undefined],
        ['model_version', undefined],
      ],
    },
    {
      name: 'a file without a hash',
      apply: (folder) =>
        change(folder, ({ files }) => {
          for (const file of files) if (file.name === 'result.json') delete file.sha256;
        }),
      problems: [['no_hash', 'result.json']],
    },
  ];
  test.each(CHANGES)('reports $name, and exits with 1', async ({ apply, problems }) => {
    const { top, folder } = await downloaded();
    apply(folder);
    expect(await outcomeOf(top)).toMatchObject({ exitCode: 1, problems });
  });

  test('accepts the same answer with other links, and reports it', async () => {
    const { folder } = await downloaded();
    const file = join(folder, 'result.json');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('sig=1', 'sig=2'));
    const { exitCode, generations } = await outcomeOf(folder);
    expect([exitCode, generations[0]?.notes]).toEqual([
      0,
      ['result.json is the same answer with other links'],
    ]);
  });

  test('reports a scan that is not among the originals, and finds one in an archive', async () => {
    const { folder, scans } = await downloaded();
    const [first, second] = JSON.parse(readFileSync(join(folder, 'provenance.json'), 'utf8')).instances;
    const packed = gzipSync(readFileSync(join(scans, 'any', first.sopInstanceUid)));
    put(scans, `any/${first.sopInstanceUid}`, packed);
    put(scans, `any/${second.sopInstanceUid}`, 'another');
    expect(await outcomeOf(folder, '--scans', scans)).toMatchObject({
      exitCode: 1,
      problems: [['scan_missing', second.sopInstanceUid]],
    });
  });

  test('reports for how many instances it has no hash', async () => {
    const { folder, scans } = await downloaded();
    change(folder, ({ instances: [first] }) => {
      delete first?.sha256;
    });
    const { exitCode, generations } = await outcomeOf(folder, '--scans', scans);
    expect([exitCode, generations[0]?.notes.length]).toEqual([0, 1]);
  });

  test('checks every generation of a tree', async () => {
    const { top } = await downloaded();
    const other = await downloaded();
    put(other.folder, 'files/pdf/0', 'another');
    const { exitCode, generations } = await outcomeOf(top, other.top);
    expect([exitCode, generations.map(({ problems }) => problems.length)]).toEqual([1, [0, 1]]);
  });

  test.each([
    { name: 'no folder', argv: [] },
    { name: 'a folder that is not there', argv: ['/nowhere/at/all'] },
    { name: 'scans that are not there', argv: [tmpdir(), '--scans', '/nowhere/at/all'] },
    { name: 'an unknown option', argv: [tmpdir(), '--deep'] },
  ])('refuses $name as wrong use', async ({ argv }) => {
    expect(await run(...argv)).toMatchObject({ exitCode: 2 });
  });

  test('refuses a folder without results as wrong use', async () => {
    expect(await run(freshFolder())).toMatchObject({ exitCode: 2 });
  });
});

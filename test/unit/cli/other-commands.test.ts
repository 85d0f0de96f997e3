import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { events } from '../../../cli/commands/events.ts';
import { simulate } from '../../../cli/commands/simulate.ts';
import { COMMANDS } from '../../../cli/commands.ts';
import { checkApi } from '../../../cli/doctor/api.ts';
import type { CommandSpec } from '../../../cli/frame/command.ts';
import { rowsOf } from '../../../cli/frame/read-arguments.ts';
import { runProgram } from '../../../cli/frame/run-program.ts';
import { SHELLS, shellCompletion } from '../../../cli/frame/shell-completion.ts';
import { barLine, createProgressBar, sizeText } from '../../../cli/output/progress-bar.ts';
import { ApiCallError } from '../../../cli/target/api-answer.ts';
import { cliWorld, runCli } from '../../support/cli/run-cli.ts';
import { until } from '../../support/until.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cli-'));
  folders.push(folder);
  return folder;
}

describe('text of a server', () => {
  const HOSTILE = 'a\u001b[2Jb\u202ec\nqure-dropoff: done';
  const spec = (run: CommandSpec['run']): CommandSpec => ({
    name: 'x',
    group: 'Scans',
    summary: 'X',
    options: [],
    run,
  });

  test('in an error has no control characters and no lines of its own', async () => {
    const failing = spec(() => Promise.reject(new ApiCallError(HOSTILE)));
    expect(await runCli(failing, [])).toMatchObject({
      code: 1,
      errors: ['qure-dropoff: a [2Jb c qure-dropoff: done'],
    });
  });

  test('in a note has none either', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const noting = spec(async (_given, world) => {
        world.note(HOSTILE);
        return 0;
      });
      expect(await runProgram([noting], ['x'])).toBe(0);
      expect(write.mock.calls).toEqual([['a [2Jb c qure-dropoff: done\n']]);
    } finally {
      write.mockRestore();
    }
  });

  test.each(['0.0.9; rm -rf ~', '$(id)', '\u001b[2J', 'x.y', ''])(
    'is no version in doctor: %j',
    async (version) => {
      const findings = await checkApi(
        async ({ path }) =>
          path === '/v1/health' ? { version, sources: [], misconfiguredPrefixes: [] } : { counts: [] },
        '',
      );
      expect(findings).toContainEqual(
        expect.objectContaining({ check: 'version', level: 'warning', fix: 'Deploy this version.' }),
      );
      if (version !== '')
        expect(JSON.stringify(findings)).not.toContain(JSON.stringify(version).slice(1, -1));
    },
  );
});

describe('the program', () => {
  test('lists every command, by groups', async () => {
    const { code, lines } = await runCli(undefined, ['--help']);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(lines.join('\n')).toContain(name);
      expect(lines.join('\n')).toContain(summary.slice(0, 30));
    }
  });

  test.each([
    { argv: ['retyr'], told: /expected a command, got "retyr": did you mean retry/ },
    { argv: ['zzzzzz'], told: /see qure-dropoff --help/ },
    { argv: ['help', 'retyr'], told: /did you mean retry/ },
    { argv: ['--json', 'ls'], told: /options follow the command/ },
    { argv: ['rules', 'tset'], told: /expected rules test or rules backtest/ },
  ])('$argv is no command', async ({ argv, told }) => {
    expect(await runCli(undefined, argv)).toMatchObject({ code: 2, errors: [expect.stringMatching(told)] });
  });

  test('shows the help of a command in three ways, whatever else is wrong', async () => {
    const [one, other, third] = await Promise.all([
      runCli(undefined, ['help', 'retry']),
      runCli(undefined, ['retry', '--nonsense', '-h']),
      runCli(undefined, ['retry', '--help', 'x']),
    ]);
    expect(one.lines).toEqual(other.lines);
    expect(one.lines).toEqual(third.lines);
    expect(one.code).toBe(0);
  });

  test('shows the help of each command that begins with a word', async () => {
    for (const argv of [
      ['rules', '--help'],
      ['help', 'rules'],
    ]) {
      const { code, lines } = await runCli(undefined, argv);
      expect(code).toBe(0);
      expect(lines.join('\n')).toMatch(/rules test.*rules backtest/s);
    }
    expect(await runCli(undefined, ['help', 'help'])).toMatchObject({ code: 0, errors: [] });
  });

  test.each(['--version', '-V', '-v', 'version'])('%s shows the version', async (word) => {
    expect((await runCli(undefined, [word])).lines).toEqual([expect.stringMatching(/^qure-dropoff \d/)]);
  });

  test('without a word shows what there is, and ends with 2', async () => {
    expect((await runCli(undefined, [])).code).toBe(2);
  });
});

describe('events', () => {
  const event = (uid: string, type = 'Series Done', source = 'default') =>
    `${JSON.stringify({ time: '2026-03-12T08:00:00Z', 'detail-type': type, detail: { source, seriesInstanceUid: uid, state: 'DONE' } })}\n`;

  test('prints what is there, filtered', async () => {
    const dataDir = freshFolder();
    const lines = [
      event('1.1'),
      event('1.2', 'Series Failed'),
      event('1.3', 'Series Done', 'north'),
      'half a li',
    ];
    writeFileSync(join(dataDir, 'events.jsonl'), lines.join(''));
    const run = (...argv: string[]) =>
      runCli(events, ['--data-dir', dataDir, '--all', '--no-follow', ...argv]);
    expect((await run()).lines).toHaveLength(3);
    expect((await run('--type', 'Series Done', '--source', 'default')).lines).toEqual([
      expect.stringMatching(/Series Done +default +DONE +- +1\.1$/),
    ]);
    const [first = ''] = (await run('--json')).lines;
    expect(JSON.parse(first)).toMatchObject({ detail: { seriesInstanceUid: '1.1' } });
  });

  test.each([
    [{ product: 'qER', modelVersion: 'v9', triageStatus: 'critical' }, 'critical'],
    [{ product: 'qER', modelVersion: 'simulator', triageStatus: 'routine' }, 'SIMULATED, routine'],
    [{ product: 'qXR', modelVersion: 'v9', triageStatus: 'critical' }, 'abnormal'],
    [
      { product: 'wards', resultKeys: ['default/1.2/1.1/1/result.1.3.json'], triageStatus: 'critical' },
      'abnormal',
    ],
  ])('shows the triage of %j below that of the line before: %s', async (facts, triage) => {
    const dataDir = freshFolder();
    const done = { source: 'default', state: 'DONE', seriesInstanceUid: '1.1', ...facts };
    const time = '2026-03-12T08:00:00Z';
    const line = JSON.stringify({ time, 'detail-type': 'Series Done', detail: done });
    writeFileSync(join(dataDir, 'events.jsonl'), `${event('1.2', 'Series Complete')}${line}\n`);
    const { lines } = await runCli(events, ['--data-dir', dataDir, '--all', '--no-follow']);
    expect(lines[1]).toMatch(new RegExp(`DONE +${triage} +1\\.1$`));
    expect(lines[1]?.indexOf('1.1')).toBe(lines[0]?.indexOf('1.2'));
  });

  test('follows the file, from its end, until it is ended', async () => {
    const dataDir = freshFolder();
    const path = join(dataDir, 'events.jsonl');
    writeFileSync(path, event('1.1'));
    const ending = new AbortController();
    const { world, lines } = cliWorld(undefined, { signal: ending.signal });
    const { runCommand } = await import('../../../cli/frame/run-program.ts');
    const running = runCommand(events, ['--data-dir', dataDir, '--json'], world);
    await until('the next event', async () => {
      appendFileSync(path, event('1.2'));
      return lines.length > 0 ? true : undefined;
    });
    ending.abort();
    expect(await running).toBe(0);
    expect(lines.join('\n')).not.toContain('"1.1"');
  });

  test('says what to do for a stack, and where there is no host', async () => {
    expect(await runCli(events, ['--stack', 'S'])).toMatchObject({
      code: 2,
      errors: [expect.stringContaining('aws logs tail')],
    });
    expect((await runCli(events, ['--data-dir', freshFolder()])).code).toBe(2);
  });
});

describe('simulate', () => {
  test('answers as Qure does, until it is ended', async () => {
    const ending = new AbortController();
    const { world, lines } = cliWorld(undefined, { signal: ending.signal });
    const { runCommand } = await import('../../../cli/frame/run-program.ts');
    const argv = ['--port', '0', '--json', '--token', 'T', '--fault', 'results:status,status=503,times=1'];
    const running = runCommand(simulate, argv, world);
    const { baseUrl } = JSON.parse(await until('it says where it is', async () => lines[0])) as {
      baseUrl: string;
    };
    const ask = (token: string) =>
      fetch(`${baseUrl}/results/1.2.3`, {
        headers: { authorization: `Token ${token}`, source: 'simulator', 'user-agent': 'test' },
      });
    expect((await ask('T')).status).toBe(503);
    expect((await ask('T')).status).toBe(404);
    expect((await ask('other')).status).toBe(401);
    ending.abort();
    expect(await running).toBe(0);
  });

  test('tells every fault that is none', async () => {
    const { code, errors } = await runCli(simulate, ['--fault', 'x:y', '--fault', 'results']);
    expect(code).toBe(2);
    expect(errors).toHaveLength(2);
  });
});

describe('completion', () => {
  test.each(SHELLS)('%s: has every command and option', (shell) => {
    const text = shellCompletion(shell, COMMANDS);
    for (const spec of COMMANDS) {
      for (const word of spec.name.split(' ')) expect(text).toContain(word);
      for (const { name } of rowsOf(spec)) expect(text).toContain(name);
    }
  });

  test('bash completes commands, options and values', () => {
    const complete = (...words: string[]) => {
      const program = `${shellCompletion('bash', COMMANDS)}
        COMP_WORDS=(qure-dropoff ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
        _qure_dropoff; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', program], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line !== '');
    };
    expect(complete('re')).toEqual(['results', 'retry', 'redrive', 'reconcile']);
    expect(complete('retry', '--rea')).toEqual(['--reason']);
    expect(complete('ls', '--triage', 'c')).toEqual(['critical']);
    expect(complete('completion', 'f')).toEqual(['fish']);
  });

  test('ends with 2 for another shell', async () => {
    expect((await runCli(undefined, ['completion', 'tcsh'])).code).toBe(2);
    expect((await runCli(undefined, ['completion', 'zsh'])).lines[0]).toBe('#compdef qure-dropoff');
  });
});

describe('the progress bar', () => {
  test('draws one line on a terminal, and nothing elsewhere', () => {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 40, write: (text: string) => written.push(text) };
    const bar = createProgressBar('Drops', stream, {}, () => 0);
    bar.update(1, 2, '1.0 MB');
    bar.update(2, 2);
    bar.stop();
    expect(written).toHaveLength(3);
    for (const text of written) expect(text.slice(4).length).toBeLessThan(40);
    for (const text of written) expect(text.startsWith('\r\x1b[K')).toBe(true);
    createProgressBar('Drops', { ...stream, columns: 0 }, {}).update(1, 2);
    expect(written.pop()).toContain('] 1/2');
    createProgressBar('Drops', { ...stream, isTTY: false }, {}).update(1, 1);
    createProgressBar('Drops', stream, { TERM: 'dumb' }).update(1, 1);
    expect(written).toHaveLength(3);
  });

  test('says how much', () => {
    expect(barLine('Drops', 1, 4, '2 kB')).toBe('Drops [######------------------] 1/4  2 kB');
    expect(barLine('Drops', 3, undefined, '')).toBe('Drops 3');
    expect([999, 1000, 12_500_000, 5e12].map(sizeText)).toEqual(['999 B', '1.0 kB', '12.5 MB', '5.0 TB']);
  });
});

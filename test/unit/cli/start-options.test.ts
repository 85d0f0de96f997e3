import { describe, expect, it } from 'vitest';
import { start } from '../../../cli/commands/start.ts';
import { START_ROWS } from '../../../cli/start/option-rows.ts';
import { type Options, UsageError } from '../../../local/options.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { runCli } from '../../support/cli/run-cli.ts';
import { readStartOptions as optionsOf } from '../../support/start-options.ts';

const QURE = {
  QURE_BASE_URL: 'https://qure.example/api/',
  QURE_TOKEN: 'secret-token',
  QURE_SOURCE: 'site a',
};

function problemsOf(argv: string[], env: Record<string, string> = {}): readonly string[] {
  try {
    optionsOf(argv, env);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

describe('options that are taken', () => {
  it('has the defaults of the contract', () => {
    expect(optionsOf([])).toEqual({
      paths: [],
      once: false,
      quietPeriodSeconds: 5,
      completion: 'adaptive',
      pollIntervalSeconds: 1,
      delivery: 'upload',
      compute: 'call',
      phi: 'hide',
      dataDir: '.local',
      port: 4800,
      s3Port: 4566,
      qure: { kind: 'simulator' },
      typed: new Set(),
      notes: [],
    });
  });

  const rows: { name: string; argv: string[]; expected: Partial<Options> }[] = [
    {
      name: 'paths among options',
      argv: ['a', '--once', 'b c'],
      expected: { paths: ['a', 'b c'], once: true },
    },
    {
      name: 'paths after --',
      argv: ['--once', '--', '--json', '-x'],
      expected: { paths: ['--json', '-x'], once: true },
    },
    { name: 'a value apart', argv: ['--json', 'out.json'], expected: { jsonFile: 'out.json' } },
    { name: 'a value with =', argv: ['--json=a=b.json'], expected: { jsonFile: 'a=b.json' } },
    {
      name: 'decimals',
      argv: ['--quiet-period', '0.25', '--poll-interval=.5'],
      expected: { quietPeriodSeconds: 0.25, pollIntervalSeconds: 0.5 },
    },
    {
      name: 'the longest time',
      argv: ['--results-timeout', '604800'],
      expected: { resultsTimeoutSeconds: 604_800 },
    },
    { name: 'a product in any case', argv: ['--product', 'QXR'], expected: { product: 'qXR' } },
    {
      name: 'a product of the sources file',
      argv: ['--product', 'qER-CTA', '--config', 's.yaml'],
      expected: { product: 'qER-CTA' },
    },
    { name: 'external delivery', argv: ['--delivery=external'], expected: { delivery: 'external' } },
    { name: 'automatic compute', argv: ['--compute', 'automatic'], expected: { compute: 'automatic' } },
    { name: 'free ports', argv: ['--port', '0', '--s3-port', '0'], expected: { port: 0, s3Port: 0 } },
    { name: 'the highest port', argv: ['--port', '65535'], expected: { port: 65_535 } },
    { name: 'the last of two', argv: ['--port', '1', '--port', '2'], expected: { port: 2 } },
    { name: 'a data folder', argv: ['--data-dir', '/tmp/x'], expected: { dataDir: '/tmp/x' } },
    {
      name: 'a sources file',
      argv: ['--config', 's.yaml'],
      expected: { configFile: 's.yaml', qure: { kind: 'config', configFile: 's.yaml' } },
    },
  ];
  it.each(rows)('$name', ({ argv, expected }) => {
    expect(optionsOf(argv)).toMatchObject(expected);
  });

  it('returns which options were given', () => {
    expect(optionsOf(['--quiet-period', '5', '--once']).typed).toEqual(new Set(['quiet-period', 'once']));
  });
});

describe('options that are refused', () => {
  const rows: { name: string; argv: string[]; problem: RegExp }[] = [
    {
      name: 'unknown, with the nearest',
      argv: ['--quite-period', '5'],
      problem: /"--quite-period": did you mean --quiet-period\?/,
    },
    { name: 'unknown, near to none', argv: ['--zzzzzzzz'], problem: /"--zzzzzzzz": see --help/ },
    { name: 'unknown short', argv: ['-x'], problem: /"-x"/ },
    { name: 'a flag with a value', argv: ['--once=yes'], problem: /--once: expected no value, got "yes"/ },
    { name: 'no value at the end', argv: ['--json'], problem: /--json: expected .*, got nothing/ },
    {
      name: 'no value before an option',
      argv: ['--json', '--once'],
      problem: /--json: expected .*, got nothing/,
    },
    { name: 'an empty value', argv: ['--data-dir='], problem: /--data-dir: expected .*, got ""/ },
    {
      name: 'zero seconds',
      argv: ['--quiet-period', '0'],
      problem: /--quiet-period: expected seconds above 0.*got "0"/,
    },
    { name: 'negative seconds', argv: ['--poll-interval', '-1'], problem: /--poll-interval: .*got "-1"/ },
    {
      name: 'seconds with a unit',
      argv: ['--results-timeout=5m'],
      problem: /--results-timeout: .*got "5m": .*without a unit/,
    },
    { name: 'seconds with an exponent', argv: ['--quiet-period=1e3'], problem: /--quiet-period/ },
    { name: 'more than a week', argv: ['--quiet-period=604801'], problem: /up to 604800/ },
    {
      name: 'a port too high',
      argv: ['--port', '65536'],
      problem: /--port: expected a port from 0 to 65535, got "65536"/,
    },
    { name: 'a port with decimals', argv: ['--s3-port', '1.5'], problem: /--s3-port/ },
    { name: 'one port for both', argv: ['--port', '4566'], problem: /two different ports, got 4566/ },
    {
      name: 'an unknown product',
      argv: ['--product', 'qMR'],
      problem: /--product: expected one of qER, qCT, qXR, qMSK, got "qMR"/,
    },
    {
      name: 'a product that is no name',
      argv: ['--config', 's.yaml', '--product', 'q/R'],
      problem: /--product: expected the name of a product, got "q\/R": write one of qER/,
    },
    {
      name: 'an unknown delivery',
      argv: ['--delivery', 'fax'],
      problem: /--delivery: expected one of upload, external/,
    },
    { name: 'an empty path', argv: [''], problem: /expected a path, got an empty one/ },
  ];
  it.each(rows)('$name', ({ argv, problem }) => {
    const problems = problemsOf(argv);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).not.toContain('\n');
  });

  it('reports all mistakes at once', () => {
    expect(
      problemsOf(['--port', 'x', '--nonsense', '--quiet-period='], { QURE_TOKEN: 'secret-token' }),
    ).toHaveLength(4);
  });
});

describe('the QURE_* variables', () => {
  it('are read together, without the slash at the end', () => {
    expect(optionsOf([], QURE).qure).toEqual({
      kind: 'platform',
      credentials: { baseUrl: 'https://qure.example/api', token: 'secret-token', source: 'site a' },
    });
  });

  const good: { name: string; baseUrl: string }[] = [
    { name: 'http on 127.0.0.1', baseUrl: 'http://127.0.0.1:8080' },
    { name: 'http on localhost', baseUrl: 'http://localhost:8080/api' },
    { name: 'http on [::1]', baseUrl: 'http://[::1]:8080' },
  ];
  it.each(good)('take $name', ({ baseUrl }) => {
    expect(optionsOf([], { ...QURE, QURE_BASE_URL: baseUrl }).qure).toMatchObject({
      credentials: { baseUrl },
    });
  });

  const bad: { name: string; env: Record<string, string>; problem: RegExp }[] = [
    {
      name: 'one alone',
      env: { QURE_TOKEN: 'secret-token' },
      problem: /set QURE_BASE_URL and QURE_SOURCE too/,
    },
    { name: 'an empty one', env: { ...QURE, QURE_SOURCE: ' ' }, problem: /set QURE_SOURCE too/ },
    {
      name: 'no URL',
      env: { ...QURE, QURE_BASE_URL: 'qure.example' },
      problem: /got something that is no URL/,
    },
    {
      name: 'another scheme',
      env: { ...QURE, QURE_BASE_URL: 'ftp://qure.example' },
      problem: /got the scheme ftp:/,
    },
    {
      name: 'http elsewhere',
      env: { ...QURE, QURE_BASE_URL: 'http://qure.example' },
      problem: /plain http/,
    },
    {
      name: 'http on a name that only begins like loopback',
      env: { ...QURE, QURE_BASE_URL: 'http://127.0.0.1.evil.example' },
      problem: /plain http/,
    },
    {
      name: 'a user in the URL',
      env: { ...QURE, QURE_BASE_URL: 'https://secret-token@qure.example' },
      problem: /user name or password/,
    },
    {
      name: 'a query in the URL',
      env: { ...QURE, QURE_BASE_URL: 'https://qure.example/?t=secret-token' },
      problem: /query or fragment/,
    },
    {
      name: 'Token before the token',
      env: { ...QURE, QURE_TOKEN: 'Token secret-token' },
      problem: /expected only the token/,
    },
    {
      name: 'a line feed in the token',
      env: { ...QURE, QURE_TOKEN: 'secret-token\nx' },
      problem: /QURE_TOKEN: expected printable ASCII/,
    },
    {
      name: 'a line feed in the source',
      env: { ...QURE, QURE_SOURCE: 'a\r\nb' },
      problem: /QURE_SOURCE: expected printable ASCII/,
    },
  ];
  it.each(bad)('refuse $name, and never show the token', ({ env, problem }) => {
    const problems = problemsOf([], env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(problems[0]).not.toContain('secret-token');
  });

  it('count as absent if all are empty', () => {
    expect(optionsOf([], { QURE_BASE_URL: '', QURE_TOKEN: '', QURE_SOURCE: '' }).qure).toEqual({
      kind: 'simulator',
    });
  });

  it('are ignored with a sources file, with a notice', () => {
    const options = optionsOf(['--config', 's.yaml'], { QURE_TOKEN: 'secret-token' });
    expect(options.qure).toEqual({ kind: 'config', configFile: 's.yaml' });
    expect(options.notes).toEqual(['--config is given: QURE_TOKEN in the environment not used']);
  });
});

describe('--help and --version', () => {
  it.each(['--help', '-h'])(
    '%s shows every option with its default, whatever else is wrong',
    async (flag) => {
      const { code, lines } = await runCli(start, ['--nonsense', flag]);
      expect(code).toBe(0);
      for (const { name } of START_ROWS) expect(lines.join('\n')).toContain(`--${name}`);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(112);
      expect(lines.join('\n')).toContain('QURE_BASE_URL, QURE_TOKEN, QURE_SOURCE');
    },
  );

  it('shows the version of the package', async () => {
    const expected = { code: 0, lines: [`qure-dropoff ${packageJson.version}`], errors: [] };
    expect(await runCli(start, ['--version'])).toEqual(expected);
    expect(await runCli(undefined, ['--version'])).toEqual(expected);
  });
});

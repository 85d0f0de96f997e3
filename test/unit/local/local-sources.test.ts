import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSource } from '../../../functions/sources/sources-document.ts';
import { functionSurroundings } from '../../../local/host/function-surroundings.ts';
import {
  needsSimulator,
  parametersOf,
  readLocalSources,
  secretsOf,
} from '../../../local/host/local-sources.ts';
import { type Options, UsageError } from '../../../local/options.ts';
import { readStartOptions as optionsOf } from '../../support/start-options.ts';
import { createAuthority } from '../../support/wire/certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'local-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIMULATOR = { baseUrl: 'http://127.0.0.1:9/', token: 'simulated', source: 'simulated-workspace' };
const QURE = { QURE_BASE_URL: 'https://qure.example', QURE_TOKEN: 'for-one', QURE_SOURCE: 'site a' };

let files = 0;
/** Options with this sources document. */
function withDocument(document: unknown, argv: readonly string[] = []): Options {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return optionsOf(['--config', path, ...argv]);
}

function problemsOf(options: Options, env: Record<string, string> = {}): readonly string[] {
  try {
    readLocalSources(options, env, SIMULATOR);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

describe('without a sources file', () => {
  it('has one source, default, with the times of one machine and the simulator', () => {
    const [only, ...others] = readLocalSources(optionsOf([]), {}, SIMULATOR);
    expect(others).toEqual([]);
    expect(only?.credentials).toEqual(SIMULATOR);
    expect(only?.source).toMatchObject({
      name: 'default',
      prefix: 'default/',
      quietPeriodSeconds: 5,
      pollIntervalSeconds: 1,
      resultsTimeoutSeconds: 120,
      deliveryTimeoutSeconds: 120,
    });
    expect(needsSimulator(optionsOf([]))).toBe(true);
  });

  it('learns when to poll where the options have no interval', () => {
    const { pollIntervalSeconds: _one, ...options } = optionsOf([]);
    expect(readLocalSources(options, {}, SIMULATOR)[0]?.source).not.toHaveProperty('pollIntervalSeconds');
  });

  it('takes the QURE_ variables as credentials, without the simulator', () => {
    const options = optionsOf([], QURE);
    expect(readLocalSources(options, QURE, undefined)[0]?.credentials).toEqual({
      baseUrl: 'https://qure.example',
      token: 'for-one',
      source: 'site a',
    });
    expect(needsSimulator(options)).toBe(false);
  });
});

describe('the time for results', () => {
  const day = { resultsTimeoutSeconds: 86_400, deliveryTimeoutSeconds: 86_400 };
  const minutes = { resultsTimeoutSeconds: 120, deliveryTimeoutSeconds: 120 };
  const at = (baseUrl: string) => ({ qure: { baseUrl, source: 'w', token: 't' } });

  it.each<[string, object]>([
    ['https://qure.example', day],
    ['http://127.0.0.1:4900', minutes],
    ['http://localhost:4900', minutes],
  ])('by the variables: %s', (QURE_BASE_URL, expected) => {
    const env = { ...QURE, QURE_BASE_URL };
    expect(readLocalSources(optionsOf([], env), env, undefined)[0]?.source).toMatchObject(expected);
  });

  it.each<[string, object, object]>([
    ['a Qure elsewhere', at('https://qure.example'), day],
    ['a Qure on this machine', at('http://127.0.0.1:4900/api'), minutes],
    ['the simulator', {}, minutes],
    [
      'what the document says',
      { ...at('https://qure.example'), resultsTimeoutSeconds: 600 },
      { resultsTimeoutSeconds: 600, deliveryTimeoutSeconds: 600 },
    ],
  ])('by the sources file: %s', (_name, entry, expected) => {
    const [only] = readLocalSources(withDocument({ sources: { a: entry } }), {}, SIMULATOR);
    expect(only?.source).toMatchObject(expected);
  });

  it('is the one on the command line, with any Qure', () => {
    const options = optionsOf(['--results-timeout', '9'], QURE);
    expect(readLocalSources(options, QURE, undefined)[0]?.source).toMatchObject({
      resultsTimeoutSeconds: 9,
      deliveryTimeoutSeconds: 9,
    });
  });
});

describe('options on the command line', () => {
  it.each<[string, string[], object, object]>([
    ['--product', ['--product', 'qMSK'], {}, { product: 'qMSK' }],
    ['--quiet-period', ['--quiet-period', '7'], { quietPeriodSeconds: 8 }, { quietPeriodSeconds: 7 }],
    ['--poll-interval', ['--poll-interval', '3'], { pollIntervalSeconds: 8 }, { pollIntervalSeconds: 3 }],
    [
      '--results-timeout, and delivery with it',
      ['--results-timeout', '9'],
      { resultsTimeoutSeconds: 8, deliveryTimeoutSeconds: 8 },
      { resultsTimeoutSeconds: 9, deliveryTimeoutSeconds: 9 },
    ],
    ['--delivery', ['--delivery', 'external'], { delivery: 'upload' }, { delivery: 'external' }],
    ['--compute', ['--compute', 'automatic'], { compute: 'call' }, { compute: 'automatic' }],
    ['a default that nobody typed', [], { quietPeriodSeconds: 8 }, { quietPeriodSeconds: 8 }],
    [
      'none, and none in the document',
      [],
      {},
      { quietPeriodSeconds: 5, delivery: 'upload', compute: 'call' },
    ],
  ])('over the document: %s', (_name, argv, entry, expected) => {
    const sources = readLocalSources(withDocument({ sources: { a: entry, b: entry } }, argv), {}, SIMULATOR);
    for (const { source } of sources) expect(source).toMatchObject(expected);
    expect(sources.map(({ source }) => source.name)).toEqual(['a', 'b']);
  });
});

describe('the credentials of a sources file', () => {
  const at = { baseUrl: 'https://qure.example/', source: 'w' };
  it.each<[string, object | undefined, Record<string, string>, string]>([
    ['the simulator where none are named', undefined, {}, 'simulated'],
    ['a token', { ...at, token: 'plain' }, {}, 'plain'],
    ['a token by the name of its variable', { ...at, tokenEnv: 'NORTH' }, { NORTH: 'by-name' }, 'by-name'],
    ['both: the variable', { ...at, token: 'plain', tokenEnv: 'NORTH' }, { NORTH: 'by-name' }, 'by-name'],
    ['QURE_ variables do not count', { ...at, token: 'plain' }, QURE, 'plain'],
  ])('%s', (_name, qure, env, token) => {
    const options = withDocument({ sources: { a: qure === undefined ? {} : { qure } } });
    expect(readLocalSources(options, env, SIMULATOR)[0]?.credentials.token).toBe(token);
    expect(needsSimulator(options)).toBe(qure === undefined);
  });

  it('needs the simulator for a document with both kinds', () => {
    expect(needsSimulator(withDocument({ sources: { a: { qure: { ...at, token: 't' } }, b: {} } }))).toBe(
      true,
    );
  });
});

describe('mistakes of a sources file', () => {
  const at = { baseUrl: 'https://qure.example/', source: 'w' };
  it.each<[string, unknown, RegExp[]]>([
    ['no YAML', 'sources: [', [/^--config: expected a sources file in YAML or JSON/]],
    ['an empty file', '', [/^--config: document: /]],
    ['no source', { sources: {} }, [/^--config: sources: expected at least one source/]],
    [
      'mistakes in two sources',
      { sources: { a: { prefix: '/a' }, b: { quietPeriodSeconds: -1 } } },
      [/^--config: sources\.a\.prefix: /, /^--config: sources\.b\.quietPeriodSeconds: /],
    ],
    [
      'overlapping prefixes',
      { sources: { a: { prefix: 'x/' }, b: { prefix: 'x/y/' } } },
      [/^--config: sources\.b\.prefix: .* overlaps /],
    ],
    [
      'two sources without their tokens',
      { sources: { a: { qure: at }, b: { qure: { ...at, tokenEnv: 'NORTH' } } } },
      [
        /^--config: sources\.a\.qure: expected token or tokenEnv/,
        /^--config: sources\.b\.qure\.tokenEnv: expected NORTH to be set/,
      ],
    ],
    [
      'a CA for the cloud alone, and files without certificates',
      {
        sources: {
          a: { network: { caSecretName: 'hospital/ca' } },
          b: { network: { caFile: 'absent.pem' } },
          c: { network: { caFile: '1.yaml' } },
        },
      },
      [
        /^--config: sources\.a\.network: expected caFile or NODE_EXTRA_CA_CERTS/,
        /^--config: sources\.b\.network\.caFile: expected a readable file with PEM certificates/,
        /^--config: sources\.c\.network\.caFile: expected a readable file with PEM certificates/,
      ],
    ],
    [
      'an address for the cloud, where the secret holds the rest',
      { sources: { a: { qure: { secretName: 'radiology/qure' } } } },
      [
        /^--config: sources\.a\.qure\.baseUrl: expected a URL on one machine/,
        /^--config: sources\.a\.qure\.source: expected a text on one machine/,
        /^--config: sources\.a\.qure: expected token or tokenEnv/,
      ],
    ],
  ])('%s', (_name, document, expected) => {
    expect(() => withDocument(document)).not.toThrow();
    const problems = problemsOf(withDocument(document), { NORTH: '' });
    expect(problems).toEqual(expected.map((line) => expect.stringMatching(line)));
    for (const problem of problems) expect(problem).not.toContain('\n');
  });
});

it('accepts a --product that every source defines', () => {
  const products = [{ name: 'qER-CTA', results: 'series', compute: true }];
  const document = { sources: { a: { products }, b: { products } } };
  expect(problemsOf(withDocument(document, ['--product', 'qER-CTA']))).toEqual([]);
  expect(problemsOf(withDocument({ sources: { a: { products }, c: {} } }, ['--product', 'qER-CTA']))).toEqual(
    ['--product: expected one of sources.c.products, got qER-CTA'],
  );
});

it('refuses a --product that is not licensed for every source', () => {
  const options = withDocument({ sources: { a: { products: ['qXR'] }, b: {} } }, ['--product', 'qER']);
  expect(problemsOf(options)).toEqual(['--product: expected one of sources.a.products, got qER']);
});

it('writes parameters and secrets like a deployment, with a token in secrets only', () => {
  const qure = { baseUrl: 'https://qure.example/', source: 'w', token: 'plain' };
  const sources = readLocalSources(
    withDocument({ sources: { a: { qure: { ...qure, secretName: 'of-the-cloud' }, prefix: 'org/a/' } } }),
    {},
    SIMULATOR,
  );
  const parameters = parametersOf(sources, '/sources/');
  expect(Object.keys(parameters)).toEqual(['/sources/a']);
  expect(parseSource('a', JSON.parse(parameters['/sources/a'] ?? ''))).toEqual(sources[0]?.source);
  expect(JSON.stringify(parameters)).not.toMatch(/plain|of-the-cloud/);
  expect(JSON.parse(secretsOf(sources, 'qure/')['qure/a'] ?? '')).toEqual(qure);
});

describe('the network of a source', () => {
  const { caPem } = createAuthority();
  writeFileSync(join(folder, 'ca.pem'), `# of the hospital\n${caPem}`);
  const written = (network: object, env: Record<string, string> = {}) => {
    const sources = readLocalSources(withDocument({ sources: { a: { network } } }), env, SIMULATOR);
    return {
      document: JSON.parse(parametersOf(sources, '/')['/a'] ?? '') as { network?: object },
      secrets: secretsOf(sources, 'qure/'),
    };
  };

  it('has the certificates of the file in a secret, whatever secret the document names', () => {
    const { document, secrets } = written({
      caFile: 'ca.pem',
      caSecretName: 'hospital/ca',
      proxyUrl: 'http://proxy.example:3128',
    });
    expect(document.network).toEqual({
      proxyUrl: 'http://proxy.example:3128',
      caSecretName: 'certificates/a',
    });
    expect(secrets['certificates/a']).toBe(caPem);
  });

  it('leaves the secret of the cloud out where NODE_EXTRA_CA_CERTS takes its place', () => {
    const { document, secrets } = written({ caSecretName: 'hospital/ca' }, { NODE_EXTRA_CA_CERTS: 'ca.pem' });
    expect(document.network).toBeUndefined();
    expect(Object.keys(secrets)).toEqual(['qure/a']);
  });
});

describe('what functions get of the environment', () => {
  it('is the proxies and the certificates alone, those by their full path', () => {
    const environment = functionSurroundings({
      HTTPS_PROXY: 'proxy.example:3128',
      NO_PROXY: 'inside.example',
      NODE_EXTRA_CA_CERTS: 'ca.pem',
      QURE_TOKEN: 'hunter2',
      HOME: '/home/me',
    });
    expect(environment).toEqual({
      HTTPS_PROXY: 'http://proxy.example:3128/',
      NO_PROXY: 'inside.example',
      NODE_EXTRA_CA_CERTS: resolve('ca.pem'),
    });
  });

  it('is refused before anything starts if a proxy is none, without its password', () => {
    const read = () => functionSurroundings({ HTTPS_PROXY: 'socks5://me:hunter2@proxy.example' });
    expect(read).toThrow(UsageError);
    expect(read).not.toThrow(/hunter2/);
  });
});

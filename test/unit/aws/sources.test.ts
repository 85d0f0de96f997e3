import { beforeEach, describe, expect, it } from 'vitest';
import { createCredentialsLoader, createSourcesLoader } from '../../../functions/aws/sources.ts';
import type { LogFields } from '../../../functions/shared/log.ts';
import { SimulatedParameters } from '../../services/simulated-parameters.ts';
import { SimulatedSecrets } from '../../services/simulated-secrets.ts';
import { clientOf, type Wire } from '../../services/wire.ts';
import { createAuthority } from '../../support/wire/certificates.ts';

let seconds = 0;
const clock = () => new Date(Date.UTC(2026, 2, 1) + seconds * 1000);
/** What was asked for, in order. */
let reads: unknown[] = [];
/** So many calls are throttled. */
let throttled = 0;
const wire: Wire = async (request) => {
  reads.push(request.input);
  throttled -= 1;
  if (throttled >= 0) throw new Error('throttled');
  return request.execute();
};
beforeEach(() => {
  seconds = 0;
  reads = [];
  throttled = 0;
});

describe('the sources', () => {
  let documents: Record<string, string> = {};
  let lines: (LogFields | undefined)[] = [];
  const client = clientOf(
    new SimulatedParameters(() =>
      Object.fromEntries(Object.entries(documents).map(([name, text]) => [`/qure/sources/${name}`, text])),
    ),
    wire,
  );
  const load = () => {
    lines = [];
    return createSourcesLoader(client, '/qure/sources/', clock, (_level, _message, fields) => {
      lines.push(fields);
    });
  };

  it('are read from all pages, named by the parameter', async () => {
    documents = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`a${at}`, '{}']));
    documents['b'] = '{"prefix":"org/b/"}';
    const sources = await load().loadSources();
    expect(sources.map(({ name }) => name)).toEqual(Object.keys(documents));
    expect([sources[0]?.prefix, sources[10]?.prefix]).toEqual(['a0/', 'org/b/']);
    // By the path that the roles name: without the slash at its end.
    expect(reads).toMatchObject([{ Path: '/qure/sources' }, { Path: '/qure/sources' }]);
  });

  it('are cached for 40 to 60 seconds, then read again', async () => {
    documents = { a: '{}' };
    const { loadSources, loadMisconfiguredPrefixes } = load();
    for (const [at, expected] of [
      [0, 1],
      [39.999, 1],
      [60, 2],
      [99.999, 2],
    ] as const) {
      seconds = at;
      await loadSources();
      expect(await loadMisconfiguredPrefixes()).toEqual([]);
      expect(reads).toHaveLength(expected);
    }
  });

  it('are read once for the ten messages of a batch, also when they have expired', async () => {
    documents = Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`a${at}`, '{}']));
    const { loadSources } = load();
    for (const at of [0, 60]) {
      seconds = at;
      reads = [];
      const loaded = await Promise.all(Array.from({ length: 10 }, loadSources));
      expect(loaded.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 130));
      // Ten a page.
      expect(reads).toHaveLength(13);
    }
  });

  it('expire at other times in processes that start within milliseconds', async () => {
    documents = { a: '{}' };
    const started = Array.from({ length: 20 }, (_, at) => ({
      at: at / 1000,
      loadSources: load().loadSources,
    }));
    for (const { at, loadSources } of started) {
      seconds = at;
      await loadSources();
    }
    const loadedBy = async (at: number) => {
      reads = [];
      seconds = at;
      for (const { loadSources } of started) await loadSources();
      return reads.length;
    };
    const loads = [await loadedBy(45), await loadedBy(50), await loadedBy(55), await loadedBy(60)];
    expect(loads.every((count) => count > 0 && count < 10)).toBe(true);
    expect(loads.reduce((sum, count) => sum + count)).toBe(20);
  });

  it('fail for all who wait, and are read again after an error', async () => {
    documents = {};
    throttled = 1;
    const { loadSources } = load();
    const outcomes = await Promise.allSettled([loadSources(), loadSources()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(reads).toHaveLength(1);
    expect(await loadSources()).toEqual([]);
  });

  it('are read again after a single error', async () => {
    documents = {};
    throttled = 1;
    const { loadSources } = load();
    await expect(loadSources()).rejects.toThrow('throttled');
    expect(await loadSources()).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ['some mistakes', '{"quietPeriodSeconds":-1,"product":"qXX"}', 'b/', /quietPeriodSeconds.*product/],
    ['mistakes beside a prefix', '{"prefix":"org/b/","delivery":"pigeon"}', 'org/b/', /delivery/],
    ['a mistake in the prefix', '{"prefix":"../b"}', '', /prefix/],
    ['a list', '[]', '', /document/],
    ['no JSON', 'secret-text', '', /expected JSON/],
    ['nothing', '', '', /expected JSON/],
  ])(
    'with %s are the only ones excluded, reported once a reading, and their drops wait for the correction',
    async (_name, text, prefix, told) => {
      documents = { a: '{}', b: text };
      const loader = load();
      for (let look = 0; look < 3; look += 1) {
        expect((await loader.loadSources()).map(({ name }) => name)).toEqual(['a']);
        expect(await loader.loadMisconfiguredPrefixes()).toEqual([prefix]);
      }
      expect(lines).toEqual([{ source: 'b', problems: expect.stringMatching(told) }]);
      expect(JSON.stringify(lines)).not.toContain('secret-text');
      documents['b'] = '{}';
      seconds = 60;
      expect((await loader.loadSources()).map(({ name }) => name)).toEqual(['a', 'b']);
      expect(await loader.loadMisconfiguredPrefixes()).toEqual([]);
    },
  );
});

describe('the credentials of a source', () => {
  const credentials = { baseUrl: 'https://qure.example', token: 't', source: 'w' };
  const TEXT = JSON.stringify(credentials);
  let secrets: Record<string, string> = {};
  const client = clientOf(new SimulatedSecrets(() => secrets), wire);
  const load = () => createCredentialsLoader(client, 'qure/', clock);

  it('are read from the secret of that source', async () => {
    secrets = { 'qure/siteA': TEXT };
    expect(await load()({ name: 'siteA' })).toEqual(credentials);
  });

  it.each<[string, string]>([
    ['an empty text', ''],
    ['a text that is not JSON', 'put the token here'],
    ['an empty token', JSON.stringify({ ...credentials, token: '' })],
    ['no token', JSON.stringify({ baseUrl: credentials.baseUrl, source: 'w' })],
    ['an address that is none', JSON.stringify({ ...credentials, baseUrl: 'qure' })],
    ['null', 'null'],
  ])('are missing while the secret holds %s', async (_name, text) => {
    secrets = { 'qure/siteA': text };
    expect(await load()({ name: 'siteA' })).toBeUndefined();
  });

  it('are missing while the secret is binary or does not exist', async () => {
    secrets = {};
    expect(await load()({ name: 'siteA' })).toBeUndefined();
    const bytes = clientOf(new SimulatedSecrets(() => ({ 'qure/siteA': '' })), async (request) => ({
      ...request.execute(),
      SecretString: undefined,
    }));
    expect(await createCredentialsLoader(bytes, 'qure/', clock)({ name: 'siteA' })).toBeUndefined();
  });

  it('are those of the secret that the document names, read once for all sources that name it', async () => {
    secrets = { 'radiology/qure': '{"token":"shared"}' };
    const loadCredentials = load();
    for (const name of ['a', 'b']) {
      const qure = { baseUrl: 'https://qure.example', source: name, secretName: 'radiology/qure' };
      expect(await loadCredentials({ name, qure })).toEqual({
        baseUrl: 'https://qure.example',
        token: 'shared',
        source: name,
      });
    }
    expect(reads).toEqual([{ SecretId: 'radiology/qure' }]);
  });

  it('are never those of another source of this deployment', async () => {
    secrets = { 'qure/a': TEXT, 'qure/b': TEXT };
    expect(await load()({ name: 'a', qure: { secretName: 'qure/b' } })).toBeUndefined();
    expect(reads).toEqual([]);
    expect(await load()({ name: 'a', qure: { secretName: 'qure/a' } })).toEqual(credentials);
  });

  it('change with the document at once, and with the secret within 60 seconds, without a restart', async () => {
    const loadCredentials = load();
    const seen: (string | undefined)[][] = [];
    for (const [at, token, baseUrl] of [
      [0, 'first', 'https://one.example'],
      [30, 'second', 'https://two.example'],
      [59.999, 'second', 'https://two.example'],
      [60, 'second', 'https://two.example'],
      [61, 'third', 'https://two.example'],
      [120, 'third', 'https://two.example'],
    ] as const) {
      seconds = at;
      secrets = { 'qure/a': JSON.stringify({ token }) };
      const read = await loadCredentials({ name: 'a', qure: { baseUrl, source: 'w' } });
      seen.push(read === undefined || 'kind' in read ? [] : [read.token, read.baseUrl]);
    }
    expect(seen).toEqual([
      ['first', 'https://one.example'],
      ['first', 'https://two.example'],
      ['first', 'https://two.example'],
      ['second', 'https://two.example'],
      ['second', 'https://two.example'],
      ['third', 'https://two.example'],
    ]);
    expect(reads).toHaveLength(3);
  });

  it('cost one read per secret and minute, for any number of series', async () => {
    secrets = Object.fromEntries(['a', 'b', 'c'].map((name) => [`qure/${name}`, TEXT]));
    const loadCredentials = load();
    for (seconds = 0; seconds < 180; seconds += 1)
      for (const name of ['a', 'b', 'c']) await loadCredentials({ name });
    expect(reads).toHaveLength(9);
  });

  it.each(['AccessDeniedException', 'DecryptionFailure', 'InvalidRequestException'])(
    'are incomplete while their secret is refused with %s, which a person corrects, and read again after a minute',
    async (name) => {
      secrets = { 'qure/a': TEXT };
      let refuses = true;
      const refusing = clientOf(new SimulatedSecrets(() => secrets), async (request) => {
        if (refuses) throw Object.assign(new Error('no'), { name });
        return request.execute();
      });
      const loadCredentials = createCredentialsLoader(refusing, 'qure/', clock);
      expect(await loadCredentials({ name: 'a' })).toEqual({
        kind: 'incomplete',
        detail: expect.stringContaining('qure.secretName'),
      });
      refuses = false;
      seconds = 61;
      expect(await loadCredentials({ name: 'a' })).toEqual(credentials);
    },
  );

  it('are read again after an error, which is not cached', async () => {
    secrets = { 'qure/a': TEXT };
    throttled = 1;
    const loadCredentials = load();
    await expect(loadCredentials({ name: 'a' })).rejects.toThrow('throttled');
    expect(await loadCredentials({ name: 'a' })).toEqual(credentials);
  });
});

describe('the private CA of a source', () => {
  const credentials = { baseUrl: 'https://qure.example', token: 't', source: 'w' };
  const { caPem } = createAuthority();
  const other = createAuthority('Other').caPem;
  let secrets: Record<string, string> = {};
  const client = clientOf(new SimulatedSecrets(() => secrets), wire);
  const load = (network: object, name = 'a') =>
    createCredentialsLoader(client, 'qure/', clock)({ name, network });
  const incomplete = { kind: 'incomplete', detail: expect.stringContaining('network.caSecretName') };

  it.each([
    ['a certificate', caPem, caPem],
    ['two', caPem + other, `${caPem}${other}`],
    ['text around them', `# ours\n${caPem}\nkey\n`, caPem],
  ])('is read from a secret with %s', async (_name, text, expected) => {
    secrets = { 'qure/a': JSON.stringify(credentials), 'hospital/ca': text };
    expect(await load({ caSecretName: 'hospital/ca', allowHttp: true })).toEqual({
      ...credentials,
      network: { allowHttp: true, caPem: expected },
    });
  });

  it.each([
    ['nothing', ''],
    ['no certificate', '{"token":"very-secret"}'],
    ['a broken one', '-----BEGIN CERTIFICATE-----\nvery/secret\n-----END CERTIFICATE-----\n'],
    [
      'a good and a broken one',
      `${caPem}-----BEGIN CERTIFICATE-----\nvery/secret\n-----END CERTIFICATE-----\n`,
    ],
  ])('is missing while the secret holds %s', async (_name, text) => {
    secrets = { 'qure/a': JSON.stringify(credentials), 'hospital/ca': text };
    const read = await load({ caSecretName: 'hospital/ca' });
    expect(read).toEqual(incomplete);
    expect(JSON.stringify(read)).not.toMatch(/very.secret/);
  });

  it('is missing while the secret does not exist', async () => {
    secrets = { 'qure/a': JSON.stringify(credentials) };
    expect(await load({ caSecretName: 'hospital/ca' })).toEqual(incomplete);
  });

  it.each(['AccessDeniedException', 'DecryptionFailure', 'InvalidRequestException'])(
    'is missing while the secret is refused with %s, and other failures are thrown',
    async (name) => {
      const refusing = (error: string) =>
        clientOf(new SimulatedSecrets(() => secrets), async (request) => {
          if ((request.input as { SecretId: string }).SecretId === 'hospital/ca')
            throw Object.assign(new Error('no'), { name: error });
          return request.execute();
        });
      secrets = { 'qure/a': JSON.stringify(credentials) };
      const network = { caSecretName: 'hospital/ca' };
      expect(await createCredentialsLoader(refusing(name), 'qure/', clock)({ name: 'a', network })).toEqual(
        incomplete,
      );
      await expect(
        createCredentialsLoader(refusing('InternalServiceError'), 'qure/', clock)({ name: 'a', network }),
      ).rejects.toThrow('no');
    },
  );

  it('is never looked for among the credentials of this deployment', async () => {
    secrets = { 'qure/a': JSON.stringify(credentials), 'qure/b': caPem };
    expect(await load({ caSecretName: 'qure/b' })).toEqual(incomplete);
    expect(reads).toEqual([{ SecretId: 'qure/a' }]);
  });

  it('is not asked for before the credentials are there', async () => {
    secrets = { 'hospital/ca': caPem };
    expect(await load({ caSecretName: 'hospital/ca' })).toBeUndefined();
  });
});

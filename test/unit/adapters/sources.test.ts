import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCredentialsLoader, createSourcesLoader } from '../../../functions/adapters/sources.ts';
import type { Log, LogFields } from '../../../functions/core/ports.ts';

const ssm = mockClient(SSMClient);
const secrets = mockClient(SecretsManagerClient);
let seconds = 0;
let lines: (LogFields | undefined)[] = [];
const log: Log = (_level, _message, fields) => {
  lines.push(fields);
};
const clock = () => new Date(Date.UTC(2026, 2, 1) + seconds * 1000);
beforeEach(() => {
  ssm.reset();
  secrets.reset();
  seconds = 0;
});

describe('the sources', () => {
  const load = () => {
    lines = [];
    return createSourcesLoader(ssm as unknown as SSMClient, '/qure/sources/', clock, log);
  };
  const parameter = (name: string, document: object = {}) => ({
    Name: `/qure/sources/${name}`,
    Value: JSON.stringify(document),
  });

  it('are read from all pages, named by the parameter', async () => {
    ssm
      .on(GetParametersByPathCommand)
      .resolvesOnce({ Parameters: [parameter('a')], NextToken: 't' })
      .resolves({ Parameters: [parameter('b', { prefix: 'org/b/' })] });
    const sources = await load().loadSources();
    expect(sources.map(({ name, prefix }) => [name, prefix])).toEqual([
      ['a', 'a/'],
      ['b', 'org/b/'],
    ]);
    expect(ssm.commandCalls(GetParametersByPathCommand).map(({ args }) => args[0].input)).toEqual([
      { Path: '/qure/sources' },
      { Path: '/qure/sources', NextToken: 't' },
    ]);
  });

  it('are held for 60 seconds, then read again', async () => {
    ssm.on(GetParametersByPathCommand).resolves({ Parameters: [parameter('a')] });
    const { loadSources, loadBrokenPrefixes } = load();
    for (const [at, reads] of [
      [0, 1],
      [59.999, 1],
      [60, 2],
      [119, 2],
    ] as const) {
      seconds = at;
      await loadSources();
      expect(await loadBrokenPrefixes()).toEqual([]);
      expect(ssm.commandCalls(GetParametersByPathCommand)).toHaveLength(reads);
    }
  });

  it('are asked for again after an error', async () => {
    ssm.on(GetParametersByPathCommand).rejectsOnce(new Error('throttled')).resolves({ Parameters: [] });
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
    'with %s are left out alone, told in the log, and their drops wait',
    async (_name, Value, prefix, told) => {
      ssm
        .on(GetParametersByPathCommand)
        .resolves({ Parameters: [parameter('a'), { Name: '/qure/sources/b', Value }] });
      const loader = load();
      expect((await loader.loadSources()).map(({ name }) => name)).toEqual(['a']);
      expect(await loader.loadBrokenPrefixes()).toEqual([prefix]);
      expect(lines).toEqual([{ source: 'b', problems: expect.stringMatching(told) }]);
      expect(JSON.stringify(lines)).not.toContain('secret-text');
    },
  );
});

describe('the credentials of a source', () => {
  const credentials = { baseUrl: 'https://qure.example', token: 't', source: 'w' };
  const load = () => createCredentialsLoader(secrets as unknown as SecretsManagerClient, 'qure/', clock);

  it('are read from the secret of that source', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(credentials) });
    expect(await load()({ name: 'siteA' })).toEqual(credentials);
    expect(secrets.commandCalls(GetSecretValueCommand)[0]?.args[0].input).toEqual({ SecretId: 'qure/siteA' });
  });

  it.each<[string, string | undefined]>([
    ['no text', undefined],
    ['an empty text', ''],
    ['a text that is not JSON', 'put the token here'],
    ['an empty token', JSON.stringify({ ...credentials, token: '' })],
    ['no token', JSON.stringify({ baseUrl: credentials.baseUrl, source: 'w' })],
    ['an address that is none', JSON.stringify({ ...credentials, baseUrl: 'qure' })],
    ['null', 'null'],
  ])('are not there while the secret holds %s', async (_name, SecretString) => {
    secrets.on(GetSecretValueCommand).resolves(SecretString === undefined ? {} : { SecretString });
    expect(await load()({ name: 'siteA' })).toBeUndefined();
  });

  it('are not there while there is no such secret; another error is thrown', async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejectsOnce(new ResourceNotFoundException({ message: 'no', $metadata: {} }))
      .rejects(new Error('AccessDenied'));
    expect(await load()({ name: 'siteA' })).toBeUndefined();
    await expect(load()({ name: 'siteA' })).rejects.toThrow('AccessDenied');
  });

  it('are held for 60 seconds, each source for itself; a new token is seen then', async () => {
    secrets
      .on(GetSecretValueCommand)
      .resolvesOnce({ SecretString: JSON.stringify(credentials) })
      .resolvesOnce({ SecretString: JSON.stringify({ ...credentials, source: 'b' }) })
      .resolves({ SecretString: JSON.stringify({ ...credentials, token: 'new' }) });
    const loadCredentials = load();
    expect(await loadCredentials({ name: 'a' })).toMatchObject({ source: 'w' });
    expect(await loadCredentials({ name: 'b' })).toMatchObject({ source: 'b' });
    seconds = 59;
    expect(await loadCredentials({ name: 'a' })).toMatchObject({ token: 't' });
    seconds = 60;
    expect(await loadCredentials({ name: 'a' })).toMatchObject({ token: 'new' });
  });

  it('are those of the secret that the document names, read once for all who name it', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"token":"shared"}' });
    const loadCredentials = load();
    for (const name of ['a', 'b']) {
      const qure = { baseUrl: 'https://qure.example', source: name, secretName: 'radiology/qure' };
      expect(await loadCredentials({ name, qure })).toEqual({
        baseUrl: 'https://qure.example',
        token: 'shared',
        source: name,
      });
    }
    expect(secrets.commandCalls(GetSecretValueCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId: 'radiology/qure' },
    ]);
  });

  it('are never those of another source of this deployment', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(credentials) });
    expect(await load()({ name: 'a', qure: { secretName: 'qure/b' } })).toBeUndefined();
    expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(0);
    expect(await load()({ name: 'a', qure: { secretName: 'qure/a' } })).toEqual(credentials);
  });

  it('follow the document at once, and the secret within 60 seconds, without a restart', async () => {
    const holds = (token: string) =>
      secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify({ token }) });
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
      holds(token);
      const read = await loadCredentials({ name: 'a', qure: { baseUrl, source: 'w' } });
      seen.push([read?.token, read?.baseUrl]);
    }
    expect(seen).toEqual([
      ['first', 'https://one.example'],
      ['first', 'https://two.example'],
      ['first', 'https://two.example'],
      ['second', 'https://two.example'],
      ['second', 'https://two.example'],
      ['third', 'https://two.example'],
    ]);
    expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(3);
  });

  it('cost one reading per secret and minute, however many series ask', async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(credentials) });
    const loadCredentials = load();
    for (seconds = 0; seconds < 180; seconds += 1)
      for (const name of ['a', 'b', 'c']) await loadCredentials({ name });
    expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(9);
  });

  it('are asked for again after an error, which is not held', async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejectsOnce(new Error('throttled'))
      .resolves({ SecretString: JSON.stringify(credentials) });
    const loadCredentials = load();
    await expect(loadCredentials({ name: 'a' })).rejects.toThrow('throttled');
    expect(await loadCredentials({ name: 'a' })).toEqual(credentials);
  });
});

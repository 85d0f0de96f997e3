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
      { Path: '/qure/sources/' },
      { Path: '/qure/sources/', NextToken: 't' },
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
    ['some mistakes', '{"quietPeriodSeconds":-1,"product":"qXX"}', 'b/', /product.*quietPeriodSeconds/],
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
    expect(await load()('siteA')).toEqual(credentials);
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
    expect(await load()('siteA')).toBeUndefined();
  });

  it('are not there while there is no such secret; another error is thrown', async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejectsOnce(new ResourceNotFoundException({ message: 'no', $metadata: {} }))
      .rejects(new Error('AccessDenied'));
    expect(await load()('siteA')).toBeUndefined();
    await expect(load()('siteA')).rejects.toThrow('AccessDenied');
  });

  it('are held for 60 seconds, each source for itself; a new token is seen then', async () => {
    secrets
      .on(GetSecretValueCommand)
      .resolvesOnce({ SecretString: JSON.stringify(credentials) })
      .resolvesOnce({ SecretString: JSON.stringify({ ...credentials, source: 'b' }) })
      .resolves({ SecretString: JSON.stringify({ ...credentials, token: 'new' }) });
    const loadCredentials = load();
    expect(await loadCredentials('a')).toMatchObject({ source: 'w' });
    expect(await loadCredentials('b')).toMatchObject({ source: 'b' });
    seconds = 59;
    expect(await loadCredentials('a')).toMatchObject({ token: 't' });
    seconds = 60;
    expect(await loadCredentials('a')).toMatchObject({ token: 'new' });
  });
});

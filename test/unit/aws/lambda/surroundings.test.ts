import { describe, expect, it } from 'vitest';
import { readProxyEnvironment, readSurroundings } from '../../../../functions/aws/lambda/surroundings.ts';

describe('the surroundings of a function', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['Lambda', { _HANDLER: 'index.handler', AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }, true],
    ['Lambda with an endpoint', { _HANDLER: 'x', AWS_ENDPOINT_URL_S3: 'https://s3.example' }, true],
    ['one machine', { _HANDLER: 'x', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4566' }, false],
    ['an emulator', { _HANDLER: 'x', AWS_ENDPOINT_URL: 'http://localhost:5000' }, false],
    ['another program', {}, false],
  ])('%s', (_name, environment, isInCloud) => {
    expect(readSurroundings(environment).isInCloud).toBe(isInCloud);
  });

  it.each<[string, Record<string, string>, object]>([
    ['nothing', {}, {}],
    ['empty texts', { HTTPS_PROXY: '', NO_PROXY: '' }, {}],
    [
      'all three',
      { HTTPS_PROXY: 'http://a.example:1', HTTP_PROXY: 'http://b.example:2', NO_PROXY: 'c.example' },
      { httpsProxy: 'http://a.example:1/', httpProxy: 'http://b.example:2/', noProxy: 'c.example' },
    ],
    [
      'small letters first',
      { HTTPS_PROXY: 'http://a.example', https_proxy: 'http://b.example' },
      { httpsProxy: 'http://b.example/' },
    ],
    ['no scheme', { HTTPS_PROXY: 'proxy.example:3128' }, { httpsProxy: 'http://proxy.example:3128/' }],
  ])('reads the proxies of %s', (_name, environment, expected) => {
    expect(readProxyEnvironment(environment)).toEqual(expected);
  });

  it('names the variable that has no proxy, and not its value', () => {
    for (const value of ['socks5://me:hunter2@proxy.example', 'http://me:hunter2@', 'hunter2/hunter2']) {
      const read = () => readProxyEnvironment({ HTTPS_PROXY: value });
      expect(read).toThrow(/^HTTPS_PROXY: expected a proxy such as/);
      expect(read).not.toThrow(/hunter2/);
    }
  });
});

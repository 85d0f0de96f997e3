import { describe, expect, it, test } from 'vitest';
import { pathRefusalOf } from '../../../local/console/allowed-paths.ts';

describe('what the host serves', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/?view=quarantine'],
    ['GET', '/console/main-A1B2.js'],
    ['HEAD', '/v1/series?limit=1'],
    ['GET', '/v1/series/1.2/results'],
    ['POST', '/v1/series/retry'],
    ['POST', '/v1/series/1.2/retry'],
    ['POST', '/local/reconcile'],
    ['GET', '/openapi.json'],
  ])('%s %s', (method, url) => {
    expect(pathRefusalOf(method, url)).toBeUndefined();
  });

  test.each([
    ['DELETE', '/v1/series', 'GET, HEAD'],
    ['POST', '/v1/series', 'GET, HEAD'],
    ['PUT', '/v1/health', 'GET, HEAD'],
    ['GET', '/v1/series/1.2/retry', 'POST'],
  ])('%s %s is told that %s is allowed, as in the cloud', (method, url, allow) => {
    expect(pathRefusalOf(method, url)).toMatchObject({ status: 405, headers: { allow } });
  });

  it('knows no other path', () => {
    expect(pathRefusalOf('GET', '/v1/nothing')).toMatchObject({ status: 404, title: 'Not Found' });
  });
});

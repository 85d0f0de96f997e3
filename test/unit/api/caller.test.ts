import { describe, expect, test } from 'vitest';
import { callerOf } from '../../../functions/api/caller.ts';
import { FULL_ACCESS } from '../../../functions/api/roles.ts';
import { SIGN_IN } from './ask-api.ts';

const claims = { iss: SIGN_IN.issuer, sub: 'u-1', roles: 'qure-dropoff:act:siteA', name: ' Jo\ud800 ' };
const iam = { userArn: 'arn:x' };
const PERSON = {
  rawPath: '/console/v1/series',
  requestContext: { apiId: 'a1', authorizer: { jwt: { claims } } },
};
const ONE_SOURCE = { isAll: false, sources: ['siteA'] };

describe('callers outside of /console/', () => {
  test.each([
    ['local', { apiId: 'local' }],
    ['direct', {}],
    ['direct', undefined],
    ['arn:x', { apiId: 'a1', authorizer: { iam } }],
    ['arn:x', { apiId: 'local', authorizer: { iam } }],
    ['x'.repeat(2048), { authorizer: { iam: { userArn: 'x'.repeat(9000) } } }],
  ])('%s may do everything', (by, requestContext) => {
    expect(callerOf({ rawPath: '/v1/series', requestContext }, SIGN_IN)).toEqual({ by, access: FULL_ACCESS });
  });

  test.each<[string, unknown]>([
    ['that come by a route of API Gateway without an authorizer', { apiId: 'a1' }],
    ['whose authorizer has said nothing', { apiId: 'a1', authorizer: {} }],
    ['without an ARN', { apiId: 'a1', authorizer: { iam: { userArn: '' } } }],
    ['with the token of a person', { apiId: 'a1', authorizer: { jwt: { claims } } }],
    ['with a token beside a signature', { apiId: 'a1', authorizer: { jwt: { claims }, iam } }],
    ['with a token and no API', { authorizer: { jwt: { claims } } }],
    ['whose context is malformed', { apiId: 7, authorizer: { iam } }],
  ])('are refused %s', (_, requestContext) => {
    expect(() => callerOf({ rawPath: '/v1/series', requestContext }, SIGN_IN)).toThrow(
      expect.objectContaining({ status: 401, headers: { 'www-authenticate': 'Bearer' } }),
    );
  });
});

describe('a person', () => {
  test('is issuer and subject, with what the roles of the token allow', () => {
    expect(callerOf(PERSON, SIGN_IN)).toEqual({
      by: 'https://login.hospital.example#u-1',
      access: { read: ONE_SOURCE, act: ONE_SOURCE, phi: { isAll: false, sources: [] } },
    });
  });

  test('has a name where the deployment asks for it and the token has it', () => {
    expect(callerOf(PERSON, { ...SIGN_IN, nameClaim: 'name' })).toMatchObject({ byName: 'Jo\ufffd' });
    expect(callerOf(PERSON, { ...SIGN_IN, nameClaim: 'email' })).not.toHaveProperty('byName');
  });

  test('without roles may do nothing', () => {
    const nothing = { isAll: false, sources: [] };
    const requestContext = { apiId: 'a1', authorizer: { jwt: { claims: { ...claims, roles: undefined } } } };
    expect(callerOf({ ...PERSON, requestContext }, SIGN_IN).access).toEqual({
      read: nothing,
      act: nothing,
      phi: nothing,
    });
  });

  test.each<[string, unknown]>([
    ['a signature', { apiId: 'a1', authorizer: { iam } }],
    ['a signature beside a token', { apiId: 'a1', authorizer: { jwt: { claims }, iam } }],
    ['nothing', { apiId: 'a1' }],
    ['nothing at all', undefined],
    ['the word of the local host', { apiId: 'local' }],
    ['a token without a subject', { apiId: 'a1', authorizer: { jwt: { claims: { ...claims, sub: '' } } } }],
    ['a token without an issuer', { apiId: 'a1', authorizer: { jwt: { claims: { ...claims, iss: 7 } } } }],
    ['no claims', { apiId: 'a1', authorizer: { jwt: {} } }],
  ])('is refused below /console/ with %s', (_, requestContext) => {
    expect(() => callerOf({ ...PERSON, requestContext }, SIGN_IN)).toThrow(
      expect.objectContaining({ status: 401 }),
    );
  });

  test('is refused by a deployment without sign-in', () => {
    expect(() => callerOf(PERSON, undefined)).toThrow(expect.objectContaining({ status: 401 }));
  });
});

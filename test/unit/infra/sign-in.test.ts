import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { describe, expect, it } from 'vitest';
import { readSignIn } from '../../../functions/aws/lambda/env.ts';
import type { SignInOptions } from '../../../infra/options/sign-in.ts';
import { stackPropsOf } from '../../../infra/options/stack-props.ts';
import { examplesOf } from '../../support/page-examples.ts';
import { type DeploymentName, deploy, deployWith, SIGN_IN } from './deployments.ts';

const template = deploy('a page').template();
const [apiId] = template.one('AWS::ApiGatewayV2::Api', 'Dropoff');
const routes = new Map(
  template.ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [Properties.RouteKey, Properties]),
);
const corsOf = (name: DeploymentName, bucket: string) => {
  const [, { Properties }] = deploy(name).template().one('AWS::S3::Bucket', `Dropoff${bucket}`);
  return Properties.CorsConfiguration as { CorsRules: Record<string, unknown>[] } | undefined;
};

describe('the routes of the page', () => {
  it('are beside those for callers with IAM', () => {
    expect(
      Object.fromEntries([...routes].map(([key, { AuthorizationType }]) => [key, AuthorizationType])),
    ).toEqual({
      $default: 'AWS_IAM',
      'GET /{proxy+}': 'AWS_IAM',
      'POST /{proxy+}': 'AWS_IAM',
      'GET /': 'NONE',
      'GET /console/{proxy+}': 'NONE',
      'ANY /console/v1/{proxy+}': 'JWT',
    });
  });

  it('have the token checked for issuer and audience', () => {
    const [id, { Properties }] = template.one('AWS::ApiGatewayV2::Authorizer', 'Dropoff');
    expect(Properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: SIGN_IN.issuer, Audience: [SIGN_IN.clientId] },
    });
    expect(routes.get('ANY /console/v1/{proxy+}')?.AuthorizerId).toEqual({ Ref: id });
  });

  it('are throttled as all others, and the log has the subject of the person', () => {
    const [, { Properties }] = template.one('AWS::ApiGatewayV2::Stage', 'Dropoff');
    expect(Properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 });
    const { Format } = Properties.AccessLogSettings as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({ person: '$context.authorizer.claims.sub' });
  });
});

it('the function learns how people sign in, also what is known at the deployment only', () => {
  const [, { Properties }] = template.one('AWS::Lambda::Function', 'DropoffFunctionsServeApi');
  const { SIGN_IN: written } = (Properties.Environment as { Variables: Record<string, string> }).Variables;
  expect(readSignIn({ SIGN_IN: written })).toEqual({ ...SIGN_IN, scopes: ['openid'] });
  expect(readSignIn({})).toBeUndefined();

  const withPool = deployWith((scope) => {
    const pool = new UserPool(scope, 'People');
    const client = pool.addClient('Page');
    const issuer = pool.userPoolProviderUrl;
    return {
      console: { signIn: { issuer, clientId: client.userPoolClientId, rolesClaim: 'cognito:groups' } },
    };
  }).template();
  const [poolId] = withPool.one('AWS::Cognito::UserPool', 'People');
  const [, fn] = withPool.one('AWS::Lambda::Function', 'DropoffFunctionsServeApi');
  expect(withPool.referencesOf(fn.Properties.Environment)).toContain(poolId);
});

describe('browsers', () => {
  const ofPage = { AllowedOrigins: [expect.objectContaining({ 'Fn::GetAtt': [apiId, 'ApiEndpoint'] })] };

  it('may put into the drop bucket and read results by links, from the page alone', () => {
    expect(corsOf('a page', 'Drop')?.CorsRules).toEqual([
      {
        ...ofPage,
        AllowedMethods: ['PUT'],
        AllowedHeaders: ['content-type'],
        ExposedHeaders: ['ETag'],
        MaxAge: 3600,
      },
    ]);
    expect(corsOf('a page', 'Results')?.CorsRules).toEqual([
      {
        ...ofPage,
        AllowedMethods: ['GET', 'HEAD'],
        AllowedHeaders: ['range'],
        ExposedHeaders: ['ETag', 'Content-Range'],
        MaxAge: 3600,
      },
    ]);
  });

  it('find it under the domain of the hospital', () => {
    const origin = 'https://scans.hospital.example';
    const own = deployWith(() => ({ console: { signIn: SIGN_IN, origin } })).template();
    const [, { Properties }] = own.one('AWS::S3::Bucket', 'DropoffDrop');
    expect(Properties.CorsConfiguration).toMatchObject({ CorsRules: [{ AllowedOrigins: [origin] }] });
  });

  it('may do nothing without the page', () => {
    expect(corsOf('default', 'Drop')).toBeUndefined();
    expect(corsOf('default', 'Results')).toBeUndefined();
  });

  it('are allowed the same on an existing bucket by docs/infrastructure.md', () => {
    const rules = examplesOf('docs/infrastructure.md', 'json')
      .map(({ text }) => JSON.parse(text) as Record<string, unknown>[])
      .find(([rule]) => rule !== undefined && 'AllowedMethods' in rule);
    const made = ['Drop', 'Results'].flatMap((bucket) => corsOf('a page', bucket)?.CorsRules ?? []);
    expect(rules).toEqual(
      made.map(({ ExposedHeaders: ExposeHeaders, MaxAge: MaxAgeSeconds, ...rule }) => ({
        ...rule,
        AllowedOrigins: ['<ApiUrl>'],
        ExposeHeaders,
        MaxAgeSeconds,
      })),
    );
  });
});

describe('a mistake of the sign-in is told with the others', () => {
  const issuers = [
    'http://login.hospital.example',
    'https://login.hospital.example ',
    'https://login.microsoftonline.com/{tenantid}/v2.0',
    'https://login.microsoftonline.com/<tenant>/v2.0',
    'https://login.microsoftonline.com/common/v2.0',
    'https://login.hospital.example/.well-known/openid-configuration',
    'https://user@login.hospital.example',
    'https://',
    '',
    undefined,
  ];
  it.each<[string, object, RegExp]>([
    ...issuers.map((issuer): [string, object, RegExp] => [
      `the issuer ${issuer}`,
      { issuer },
      /console\.signIn\.issuer: expected .*; copy it from/,
    ]),
    [
      'no client',
      { clientId: undefined },
      /console\.signIn\.clientId: expected a text without spaces, got undefined/,
    ],
    ['a claim with spaces', { rolesClaim: 'the roles' }, /console\.signIn\.rolesClaim: .*got "the roles"/],
    ['an empty name', { nameClaim: '' }, /console\.signIn\.nameClaim/],
    ['no audience', { audience: [] }, /console\.signIn\.audience: expected 1 to 20 .*got 0/],
    ['an audience with a space', { audience: ['a', 'b c'] }, /console\.signIn\.audience: .*got "b c"/],
    ['scopes without openid', { scopes: ['email'] }, /console\.signIn\.scopes: expected openid among them/],
    ['a scope with a quote', { scopes: ['openid', 'a"b'] }, /console\.signIn\.scopes: .*got "a\\"b"/],
    [
      'an origin with a path',
      { origins: ['https://a.example/x'] },
      /console\.signIn\.origins: .*got "https:\/\/a/,
    ],
    ['a wildcard', { origins: ['https://*'], issuer: 'x' }, /console\.signIn\.issuer: /],
  ])('%s', (_, overrides, message) => {
    const signIn = { ...SIGN_IN, ...overrides } as SignInOptions;
    const both = () => deployWith(() => ({ appName: 'X', console: { signIn } }));
    expect(both).toThrow(message);
    expect(both).toThrow(/appName: expected/);
  });

  it.each<[string, object, RegExp]>([
    ['no sign-in', { console: {} }, /console\.signIn: expected how people sign in/],
    ['no HTTP API', { httpApi: false, console: { signIn: SIGN_IN } }, /console: expected the HTTP API/],
    ['a wrong origin', { console: { signIn: SIGN_IN, origin: 'https://a.example/' } }, /console\.origin: /],
  ])('%s', (_, props, message) => {
    expect(() => deployWith(() => props)).toThrow(message);
  });
});

it('options on the command line are the sign-in of the stack', () => {
  const { issuer, clientId, rolesClaim } = SIGN_IN;
  const context = { signInIssuer: issuer, signInClientId: clientId, signInRolesClaim: rolesClaim };
  expect(stackPropsOf(context)).toEqual({ console: { signIn: SIGN_IN } });
  expect(stackPropsOf({})).toEqual({});
  expect(stackPropsOf({ signInScopes: 'openid a' })).toEqual({
    console: { signIn: { scopes: ['openid', 'a'] } },
  });
});

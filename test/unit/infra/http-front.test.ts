import { describe, expect, it } from 'vitest';
import { type Json, resolveIntrinsics } from '../../../local/cloud/intrinsics.ts';
import { deploy } from './deployments.ts';

const template = deploy('default').template();

describe('the HTTP API', () => {
  const routes = template.ofType('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);

  it('has separate routes for reading and for acting, so that IAM can distinguish them, and one for the rest', () => {
    expect(routes.map(({ RouteKey }) => RouteKey)).toEqual(['$default', 'GET /{proxy+}', 'POST /{proxy+}']);
  });

  it('has IAM authorization on every route', () => {
    for (const { AuthorizationType } of routes) expect(AuthorizationType).toBe('AWS_IAM');
  });

  it('invokes the function with payload format 2.0', () => {
    const [functionId] = template.one('AWS::Lambda::Function', 'DropoffFunctionsServeApi');
    const [, { Properties }] = template.one('AWS::ApiGatewayV2::Integration', 'Dropoff');
    expect(Properties).toMatchObject({
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      IntegrationUri: { 'Fn::GetAtt': [functionId, 'Arn'] },
    });
  });

  it('is the only one that may invoke the function through API Gateway', () => {
    const [apiId] = template.one('AWS::ApiGatewayV2::Api', 'Dropoff');
    const permissions = template
      .ofType('AWS::Lambda::Permission')
      .filter(([, { Properties }]) => Properties.Principal === 'apigateway.amazonaws.com');
    expect(permissions).toHaveLength(routes.length);
    for (const [, { Properties }] of permissions)
      expect(template.referencesOf(Properties.SourceArn)).toEqual([apiId]);
  });

  it('is throttled, and logs the caller without the query', () => {
    const [, { Properties }] = template.one('AWS::ApiGatewayV2::Stage', 'Dropoff');
    expect(Properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
    const { Format } = Properties.AccessLogSettings as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    expect(Format).not.toMatch(/path|query|body|route/i);
  });

  it('logs to a group that needs no entry of its own in the policy of the account', () => {
    const [, group] = template.one('AWS::Logs::LogGroup', 'DropoffHttpApiAccessLog');
    const lookUp = () => ({ ref: 'x', attributes: {} });
    expect(resolveIntrinsics(group.Properties.LogGroupName as Json, lookUp, 'name')).toMatch(
      /^\/aws\/vendedlogs\/apigateway\/qure-dropoff-[^/]+$/,
    );
  });

  it('logs to an encrypted group with a retention', () => {
    const [, stage] = template.one('AWS::ApiGatewayV2::Stage', 'Dropoff');
    const [keyId] = template.one('AWS::KMS::Key', 'DropoffKeysMessages');
    const [logId] = template.referencesOf(stage.Properties.AccessLogSettings);
    expect(template.resources[logId ?? '']).toMatchObject({
      Type: 'AWS::Logs::LogGroup',
      Properties: { RetentionInDays: 30, KmsKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] } },
    });
  });
});

describe('without the HTTP API and without traces', () => {
  const plain = deploy('neither API nor traces').template();

  it('has the function, and no resource of API Gateway', () => {
    expect(plain.one('AWS::Lambda::Function', 'DropoffFunctionsServeApi')).toBeDefined();
    expect(Object.values(plain.resources).filter(({ Type }) => Type.startsWith('AWS::ApiGateway'))).toEqual(
      [],
    );
  });

  it('has no traced function, and no permission to trace', () => {
    for (const [, { Properties }] of plain.ofType('AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('TracingConfig');
    expect(JSON.stringify(plain.ofType('AWS::IAM::Role'))).not.toContain('xray:');
  });
});

it('traces every function by default', () => {
  const functions = template.ofType('AWS::Lambda::Function');
  expect(functions.length).toBeGreaterThan(0);
  for (const [, { Properties }] of functions) expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
});

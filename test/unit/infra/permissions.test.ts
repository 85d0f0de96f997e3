import { describe, expect, it } from 'vitest';
import { ENV } from '../../../functions/shared/environment.ts';
import { DEPLOYMENTS, type DeploymentName, deploy } from './deployments.ts';
import { listOf, statementsOf, synthesize } from './synthesized-template.ts';

const template = synthesize();

/** That a role allows all that its function calls, and nothing else, is held by `test/system/iam`. */
describe.each(template.ofType('AWS::Lambda::Function'))('%s', (id, { Properties }) => {
  const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
  // What is billed is named to CloudWatch alone, which knows no resources.
  const { [ENV.billed]: _billed, ...used } = Variables;
  const statements = template.permissionsOf(id.replace(/Function[0-9A-F]*$/, ''));

  it('has a permission for the resource of each of its variables', () => {
    const granted = new Set(statements.flatMap(({ Resource }) => template.referencesOf(Resource)));
    for (const named of template.referencesOf(used)) expect(granted).toContain(named);
  });

  it('uses keys only through the service that holds the data', () => {
    const withKeys = statements.filter(({ Action }) =>
      listOf(Action).some((action) => action.startsWith('kms:')),
    );
    expect(withKeys.length).toBeGreaterThan(0);
    for (const { Condition } of withKeys) expect(Condition?.StringEquals).toHaveProperty('kms:ViaService');
  });

  it.runIf(ENV.eventBusName in Variables)('publishes events of our source only', () => {
    const [publish] = statements.filter(({ Action }) => listOf(Action).includes('events:PutEvents'));
    expect(publish?.Condition).toEqual({
      'ForAllValues:StringEquals': { 'events:source': 'qure-dropoff' },
      Null: { 'events:source': 'false' },
    });
  });
});

/** For these AWS offers no resource to name. Source: the service authorization reference of X-Ray, CloudWatch and Amazon EC2. */
const WITHOUT_RESOURCES =
  /^(xray:Put(TelemetryRecords|TraceSegments)|cloudwatch:GetMetricData|ec2:\w+(NetworkInterfaces?|Subnets|PrivateIpAddresses))$/;

describe.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('no role of %s', (name) => {
  const deployed = deploy(name).template();
  const statements = deployed
    .ofType('AWS::IAM::Role')
    .flatMap(([, { Properties }]) => (Properties.Policies ?? []) as { PolicyDocument: unknown }[])
    .flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));

  it('holds a wildcard action', () => {
    expect(statements.length).toBeGreaterThan(0);
    for (const action of statements.flatMap(({ Action }) => listOf(Action)))
      expect(action).not.toContain('*');
  });

  it('covers every resource, unless AWS has none; otherwise a wildcard only ends a name of ours', () => {
    for (const { Action, Resource } of statements) {
      for (const resource of listOf(Resource)) {
        const text = JSON.stringify(resource);
        if (text === '"*"') for (const action of listOf(Action)) expect(action).toMatch(WITHOUT_RESOURCES);
        else if (text.includes('*')) {
          expect(text).toMatch(
            /"Arn"\]\},"\/(?:default\/canary\/|from-north\/|south\.2\/)?\*"|:s3:::our-(scans|results)\/\*|:secret:qure-dropoff\/\*/,
          );
        }
      }
    }
  });

  it('carries a managed policy, or a policy from elsewhere', () => {
    for (const [, role] of deployed.ofType('AWS::IAM::Role'))
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(deployed.ofType('AWS::IAM::Policy')).toEqual([]);
  });

  it('exceeds the 10,240 characters that IAM allows for its inline policies', () => {
    for (const [, role] of deployed.ofType('AWS::IAM::Role')) {
      expect(JSON.stringify(role.Properties.Policies).length).toBeLessThan(10_240);
    }
  });
});

import { expect, it } from 'vitest';
import { readBilled } from '../../../functions/aws/lambda/env.ts';
import { ENV } from '../../../functions/shared/environment.ts';
import { type Json, resolveIntrinsics } from '../../../local/cloud/intrinsics.ts';
import type { FunctionResource } from '../../../local/cloud/stack.ts';
import { functionEnvironment } from '../../../local/lambda/function-environment.ts';
import { deploy } from './deployments.ts';
import { listOf, type SynthesizedTemplate } from './synthesized-template.ts';

const BY_NAME = { FunctionName: 'itself' };

function apiOf(template: SynthesizedTemplate) {
  const [, { Properties }] = template.one('AWS::Lambda::Function', 'DropoffFunctionsServeApiFunction');
  const { Variables } = Properties.Environment as { Variables: Record<string, Json> };
  const lookUp = (id: string) => ({ ref: id, attributes: {} });
  const written = String(resolveIntrinsics(Variables[ENV.billed] ?? null, lookUp, 'ServeApi'));
  return {
    written,
    billed: readBilled({
      [ENV.billed]: written,
      AWS_LAMBDA_FUNCTION_NAME: BY_NAME.FunctionName,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(Properties['MemorySize']),
      AWS_REGION: 'eu-central-1',
    }),
  };
}

it.each(['default', 'a canary in a VPC', 'neither API nor traces'] as const)(
  'the API of %s knows each function with its memory, and the HTTP API',
  (name) => {
    const template = deploy(name).template();
    const { billed } = apiOf(template);
    const deployed = template
      .ofType('AWS::Lambda::Function')
      .filter(([id]) => id.startsWith('Dropoff'))
      .map(([id, { Properties }]) => ({
        name: id.includes('ServeApi') ? BY_NAME.FunctionName : id,
        memoryMb: Properties['MemorySize'],
      }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(billed?.functions.toSorted(byName)).toEqual(deployed.toSorted(byName));
    expect(billed?.httpApiId).toBe(template.ofType('AWS::ApiGatewayV2::Api')[0]?.[0]);
    expect(billed).toMatchObject({ appName: 'qure-dropoff', region: 'eu-central-1' });
  },
);

it('the role of the API alone reads metrics, and nothing else of CloudWatch', () => {
  const template = deploy('default').template();
  const actions = template
    .ofType('AWS::Lambda::Function')
    .map(([id]) => id.replace(/Function[0-9A-F]*$/, ''))
    .flatMap((id) =>
      template.permissionsOf(id).flatMap(({ Action }) => listOf(Action).map((one) => [id, one])),
    );
  expect(actions.filter(([, action]) => action?.startsWith('cloudwatch:'))).toEqual([
    ['DropoffFunctionsServeApi', 'cloudwatch:GetMetricData'],
  ]);
});

it('on one machine there is no bill, whatever the template says', () => {
  const { written } = apiOf(deploy('default').template());
  const resource = { environment: { [ENV.billed]: written }, name: 'api', memoryMegabytes: 512 };
  const environment = functionEnvironment(resource as unknown as FunctionResource, {}, '127.0.0.1:1');
  expect(readBilled(environment)).toBeUndefined();
  expect(readBilled({})).toBeUndefined();
});

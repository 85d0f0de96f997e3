import { runSimulation } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../../infra/function-names.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../local/cloud/intrinsics.ts';
import { runScenario } from '../../simulation/run-scenario.ts';
import { scenarioOf } from '../../simulation/scenario.ts';
import { sourceName } from '../../simulation/world-names.ts';
import { synthesize } from '../../unit/infra/synthesized-template.ts';
import { awsNeedsOf } from './aws-needs.ts';
import { NameMap } from './name-map.ts';
import { Recording } from './record-calls.ts';
import { playRareThings } from './scripted-world.ts';
import { type AllowedPair, allowedPairs, type DeployedFunction, DeployedTemplate } from './template-roles.ts';
import { UNCALLED } from './uncalled.ts';

/** Stories are played until everything that is allowed has been called, and no more than so many. */
const MAX_SEEDS = 1000;
const SEEDS_AT_ONCE = 20;

/** A call with the ARN of what it would concern in an account. */
interface ConcreteNeed {
  action: string;
  resource: string;
  context: Readonly<Record<string, string | string[]>>;
}

const template = new DeployedTemplate(
  synthesize({
    sources: [0, 1, 2].map((at) => ({ name: sourceName(at), document: {} })),
    canary: { source: sourceName(0) },
  }),
);
const recording = new Recording();
const needs = new Map<string, ConcreteNeed[]>();

beforeAll(async () => {
  await playRareThings(recording);
  for (let seed = 1; seed <= MAX_SEEDS; seed += 1) {
    await runScenario(scenarioOf(seed), recording.watch);
    if (seed % SEEDS_AT_ONCE === 0 && needsAreComplete()) break;
  }
}, 1_200_000);

/** Whether all that the roles allow has been called by now; what has been is in `needs`. */
function needsAreComplete(): boolean {
  for (const fn of template.functions) {
    const names = new NameMap(recording.environment ?? fail(), fn, template);
    const own = recording.needs.filter(({ functionName }) => functionName === fn.name);
    needs.set(fn.name, [
      ...own.map(({ action, target, context }) => ({
        action,
        resource: names.arnOf(target),
        context: { ...context, ...names.contextOf(target) },
      })),
      ...awsNeedsOf(template, fn),
    ]);
  }
  return template.functions.every((fn) => unusedOf(fn).length === 0);
}

/** What a role allows and nobody has called, nor stands in the table. */
function unusedOf(fn: DeployedFunction): AllowedPair[] {
  return allowedPairs(fn).filter(
    (pair) => !isUsed(fn, pair) && !UNCALLED.some((row) => isMeant(row, fn, pair)),
  );
}

it('records calls of every function', () => {
  expect(template.functions.map(({ name }) => name).toSorted()).toEqual([...FUNCTION_NAMES].toSorted());
  for (const name of FUNCTION_NAMES)
    expect([name, recording.needs.some(({ functionName }) => functionName === name)]).toEqual([name, true]);
});

describe.each(template.functions)('$name', (fn) => {
  it('has permission for every call that it makes', async () => {
    const refused: string[] = [];
    for (const need of needs.get(fn.name) ?? []) {
      const problem = await whyRefused(fn, need);
      if (problem !== undefined) refused.push(`${need.action} on ${need.resource}: ${problem}`);
    }
    expect(refused).toEqual([]);
  });

  it('REQ-PRIV-2: makes every call that its role allows', () => {
    const unused = unusedOf(fn).map(({ action, resource }) => `${action} on ${resource}`);
    expect(unused).toEqual([]);
  });
});

it.each(UNCALLED)('$functionName is allowed $action, and never calls it: $why', (row) => {
  const meant = template.functions.flatMap((fn) =>
    allowedPairs(fn)
      .filter((pair) => isMeant(row, fn, pair))
      .map((pair) => ({ isUsed: isUsed(fn, pair) })),
  );
  expect(meant.length).toBeGreaterThan(0);
  expect(meant.filter((pair) => pair.isUsed)).toEqual([]);
});

describe('the check itself', () => {
  const [fn] = template.functions;

  it.each([
    ['an action that no role allows', 's3:DeleteObject', 'arn:aws:s3:::dropoffdropbucket29fefb45/a', {}],
    ['another bucket', 's3:GetObject', 'arn:aws:s3:::somebody-elses/a', {}],
    ['an event of another source', 'events:PutEvents', busArn('default'), { 'events:source': ['aws.s3'] }],
    ['an event of no source', 'events:PutEvents', busArn('default'), {}],
    ['a bus of somebody else', 'events:PutEvents', busArn('other'), { 'events:source': ['qure-dropoff'] }],
  ])('refuses %s', async (_what, action, resource, context) => {
    expect(fn).toBeDefined();
    if (fn !== undefined) expect(await whyRefused(fn, { action, resource, context })).toBeDefined();
  });
});

function busArn(name: string): string {
  return `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:event-bus/${name}`;
}

/** By an evaluator of IAM that knows neither us nor our template: identity policy and resource policy together. */
async function whyRefused(fn: DeployedFunction, need: ConcreteNeed): Promise<string | undefined> {
  const answer = await runSimulation(
    {
      request: {
        principal: fn.roleArn,
        action: need.action,
        resource: { resource: need.resource, accountId: LOCAL_ACCOUNT_ID },
        contextVariables: asEvaluated({ ...need.context }),
      },
      identityPolicies: fn.policies.map((policy, at) => ({
        name: `policy-${at}`,
        policy: { Version: '2012-10-17', ...asEvaluated(policy) },
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: template.resourcePolicyOf(need.resource),
    },
    {},
  );
  if (answer.resultType === 'error') return JSON.stringify(answer.errors);
  return answer.overallResult === 'Allowed' ? undefined : answer.overallResult;
}

/** The evaluator finds no value for a key of an encryption context: a tag, which it knows, stands in for it on both sides. */
function asEvaluated<T>(value: T): T {
  const text = JSON.stringify(value);
  return JSON.parse(
    text.replaceAll('kms:EncryptionContext:aws:s3:arn', 'aws:RequestTag/encryption-context'),
  ) as T;
}

function isUsed(fn: DeployedFunction, { action, resource, via }: AllowedPair): boolean {
  return (needs.get(fn.name) ?? []).some(
    (need) =>
      need.action === action &&
      patternOf(resource).test(need.resource) &&
      (via === undefined || need.context['kms:ViaService'] === via),
  );
}

function isMeant(
  row: (typeof UNCALLED)[number],
  { name }: DeployedFunction,
  { action, resource, via = '' }: AllowedPair,
): boolean {
  return (
    row.functionName === name &&
    row.action === action &&
    row.resource.test(resource) &&
    via.startsWith(row.via ?? '')
  );
}

/** Source: AWS IAM user guide, "Resource": `*` and `?` stand for any characters. */
function patternOf(resource: string): RegExp {
  const escaped = resource.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function fail(): never {
  throw new Error('expected a recording');
}

import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { defined } from '../../functions/shared/defined.ts';
import { ApiCallError } from './api-answer.ts';
import type { Target } from './target.ts';

export interface StackResource {
  logicalId: string;
  type: string;
  physicalId: string;
}

/** A deployed stack. */
export interface DeployedStack {
  name: string;
  region: string;
  status: string;
  /** By the names of infra/constructs/outputs.ts, without the prefix of a deployment. */
  outputs: Readonly<Record<string, string | undefined>>;
  resources(): Promise<StackResource[]>;
}

/** Every deployment has it. */
const ANCHOR = 'DropBucketName';

/** @throws ApiCallError with what to do */
export async function readStack(target: Extract<Target, { kind: 'stack' }>): Promise<DeployedStack> {
  const { name, prefix, region } = target;
  const client = new CloudFormationClient({ ...defined({ region }), maxAttempts: 3 });
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((cause: unknown) => {
      throw new ApiCallError(refusalOf(cause, name), { cause });
    });
  const [stack] = Stacks;
  const all = new Map(
    (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
  const prefixes = [...all.keys()]
    .filter((key) => key.endsWith(ANCHOR))
    .map((key) => key.slice(0, -ANCHOR.length));
  const [only = ''] = prefixes;
  const chosen = prefix === '' && prefixes.length === 1 ? only : prefix;
  if (!prefixes.includes(chosen)) throw new ApiCallError(noDeployment(name, prefix, prefixes));
  const outputs = [...all]
    .filter(([key]) => key.startsWith(chosen))
    .map(([key, value]) => [key.slice(chosen.length), value]);
  return {
    name,
    region: await client.config.region(),
    status: stack?.StackStatus ?? 'unknown',
    outputs: Object.fromEntries(outputs),
    resources: () => resourcesOf(client, name),
  };
}

async function resourcesOf(client: CloudFormationClient, name: string): Promise<StackResource[]> {
  const found: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: name },
  ))
    for (const {
      LogicalResourceId = '',
      ResourceType = '',
      PhysicalResourceId = '',
    } of StackResourceSummaries)
      found.push({ logicalId: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId });
  return found;
}

function refusalOf(cause: unknown, name: string): string {
  // Of a stack that does not exist.
  if (cause instanceof Error && cause.name === 'ValidationError')
    return `expected the stack ${name} in this account and region, found none: check --stack and --region`;
  return `expected AWS to describe the stack ${name}, and it refused or was not reached: check the credentials (aws sts get-caller-identity), cloudformation:DescribeStacks, and --region`;
}

function noDeployment(name: string, prefix: string, prefixes: readonly string[]): string {
  if (prefixes.length === 0)
    return `expected the stack ${name} to have the outputs of a deployment, found none: call addOutputs() of the construct, or use --api or --function`;
  const choices = prefixes.map((one) => (one === '' ? name : `${name}/${one}`)).join(' or ');
  const got = prefix === '' ? `${prefixes.length} deployments` : `no deployment ${prefix}`;
  return `the stack ${name} has ${got}: write --stack ${choices}`;
}

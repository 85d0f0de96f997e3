import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { EventSourceResource, FunctionResource } from '../../../local/cloud/stack.ts';
import { ASSET_BUCKET, REGION, STACK_NAME } from './cdk-command.ts';
import type { Template } from './emulated-template.ts';

export type Clients = ReturnType<typeof createClients>;

export function createClients(endpoint: string) {
  const config = {
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'emulated', secretAccessKey: 'emulated' },
  };
  return {
    cloudFormation: new CloudFormationClient(config),
    lambda: new LambdaClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs: new SQSClient(config),
    eventBridge: new EventBridgeClient(config),
    secretsManager: new SecretsManagerClient(config),
  };
}

/** What the account has of the stack, as its own services answer. */
export interface DeployedStack {
  /** Logical id → physical id. */
  resources: ReadonlyMap<string, string>;
  outputs: Readonly<Record<string, string>>;
  functions: FunctionResource[];
  mappings: EventSourceResource[];
  schedules: { functionName: string; input: string | undefined }[];
}

export async function readDeployedStack(
  clients: Clients,
  template: Template,
  codeDir: string,
): Promise<DeployedStack> {
  const { cloudFormation } = clients;
  const { StackResources = [] } = await cloudFormation.send(
    new DescribeStackResourcesCommand({ StackName: STACK_NAME }),
  );
  const resources = new Map(
    StackResources.map(({ LogicalResourceId: id = '', PhysicalResourceId: name = '' }) => [id, name]),
  );
  const { Stacks: [stack] = [] } = await cloudFormation.send(
    new DescribeStacksCommand({ StackName: STACK_NAME }),
  );
  const ids = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([id]) => id);
  return {
    resources,
    outputs: Object.fromEntries(
      (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
    functions: await Promise.all(
      ids.map((id) => readFunction(clients, template, id, resources.get(id) ?? '', codeDir)),
    ),
    mappings: await readMappings(clients),
    schedules: await readSchedules(clients),
  };
}

/** As Lambda answers for it; its code is what lies in the asset bucket under the template's key. */
async function readFunction(
  { lambda, s3 }: Clients,
  template: Template,
  logicalId: string,
  name: string,
  codeDir: string,
): Promise<FunctionResource> {
  const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const { S3Key: key = '' } = (template.Resources[logicalId]?.Properties?.['Code'] ?? {}) as {
    S3Key?: string;
  };
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: ASSET_BUCKET, Key: key }));
  const zip = Buffer.from((await body?.transformToByteArray()) ?? []);
  if (createHash('sha256').update(zip).digest('base64') !== found.CodeSha256)
    throw new Error(`${logicalId}: expected Lambda to hold the asset of the template`);
  const codeFolder = join(codeDir, name);
  mkdirSync(codeFolder, { recursive: true });
  writeFileSync(`${codeFolder}.zip`, zip);
  execFileSync('python3', ['-m', 'zipfile', '-e', `${codeFolder}.zip`, codeFolder]);
  return {
    logicalId,
    name,
    arn: found.FunctionArn ?? '',
    handler: found.Handler ?? '',
    timeoutSeconds: found.Timeout ?? 0,
    memoryMegabytes: found.MemorySize ?? 0,
    environment: found.Environment?.Variables ?? {},
    codeFolder,
  };
}

/** Switched off as soon as they are read: moto's own poller would start each function in a container. */
async function readMappings({ lambda }: Clients): Promise<EventSourceResource[]> {
  const { EventSourceMappings: found = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID } of found)
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  return found.map((mapping) => ({
    logicalId: mapping.UUID ?? '',
    functionName: mapping.FunctionArn?.split(':').at(-1) ?? '',
    queueArn: mapping.EventSourceArn ?? '',
    batchSize: mapping.BatchSize ?? 0,
    windowSeconds: mapping.MaximumBatchingWindowInSeconds ?? 0,
    reportsItemFailures: mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency,
  }));
}

/**
 * Taken from their rules as soon as they are read: moto hands every event to every rule, to those that have a schedule and no
 * pattern too, and fails at a target that is a function.
 */
async function readSchedules({ eventBridge }: Clients): Promise<DeployedStack['schedules']> {
  const { Rules: rules = [] } = await eventBridge.send(new ListRulesCommand({}));
  const scheduled = rules.filter(({ ScheduleExpression: expression }) => expression !== undefined);
  const schedules: DeployedStack['schedules'] = [];
  for (const { Name: Rule } of scheduled) {
    const { Targets: targets = [] } = await eventBridge.send(new ListTargetsByRuleCommand({ Rule }));
    const Ids = targets.map(({ Id = '' }) => Id);
    if (Ids.length > 0) await eventBridge.send(new RemoveTargetsCommand({ Rule, Ids }));
    for (const { Arn, Input } of targets)
      schedules.push({ functionName: Arn?.split(':').at(-1) ?? '', input: Input });
  }
  return schedules;
}

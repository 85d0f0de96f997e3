import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStackCommand, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTemplate } from '../../../build/template/write-template.ts';
import { type MotoServer, startMoto, whyNoMoto } from '../../support/moto-server.ts';
import { type Clients, createClients } from './deployed-stack.ts';
import { adaptToMoto, type Template } from './emulated-template.ts';

const why = whyNoMoto();
if (why !== undefined) console.warn(`skipped: test/system/cloudformation/template-artefact: ${why}`);

const BUCKET = 'code-of-a-hospital';
const PREFIX = 'releases/qure-dropoff/';
const STACK = 'WithoutCdk';

describe.skipIf(why !== undefined)('the template without the CDK, in an emulated account', () => {
  let dir: string;
  let moto: MotoServer;
  let clients: Clients;
  let template: Template;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'template-artefact-'));
    moto = await startMoto();
    clients = createClients(moto.url);
    await writeTemplate(dir);
    template = adaptToMoto(join(dir, 'template.json'));
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    for (const name of readdirSync(join(dir, 'functions'))) {
      const Body = readFileSync(join(dir, 'functions', name));
      await clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${PREFIX}${name}`, Body }));
    }
    await clients.cloudFormation.send(
      new CreateStackCommand({
        StackName: STACK,
        TemplateBody: JSON.stringify(template),
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: [
          { ParameterKey: 'CodeBucket', ParameterValue: BUCKET },
          { ParameterKey: 'CodePrefix', ParameterValue: PREFIX },
        ],
      }),
    );
  });
  afterAll(async () => {
    await moto?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('becomes a stack without the bootstrap of the CDK, whose functions hold the code of the folder', async () => {
    const { StackResources = [] } = await clients.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: STACK }),
    );
    expect(StackResources.map(({ LogicalResourceId: id }) => id).toSorted()).toEqual(
      Object.keys(template.Resources).toSorted(),
    );
    const functions = StackResources.filter(({ ResourceType: type }) => type === 'AWS::Lambda::Function');
    const held = await Promise.all(
      functions.map(async ({ PhysicalResourceId: FunctionName }) => {
        const found = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        return found.CodeSha256;
      }),
    );
    const zips = readdirSync(join(dir, 'functions')).map((name) =>
      createHash('sha256')
        .update(readFileSync(join(dir, 'functions', name)))
        .digest('base64'),
    );
    expect(held.toSorted()).toEqual(zips.toSorted());
  });
});

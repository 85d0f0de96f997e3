import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TemplateError } from '../../../local/cloud/intrinsics.ts';
import { readStack } from '../../../local/cloud/template.ts';
import { FixtureStack } from '../../system/local-cloud/fixture-stack.ts';

let fixture: FixtureStack;
beforeEach(() => {
  fixture = new FixtureStack({
    work: { ScalingConfig: { MaximumConcurrency: 3 }, MaximumBatchingWindowInSeconds: 1 },
  });
});
afterEach(() => fixture.remove());

const read = () =>
  readStack({
    templatePath: fixture.templatePath,
    sqsUrl: 'http://127.0.0.1:9324',
    namesByOutput: { DropBucketName: 'local-drop' },
  });

type Resources = Record<string, { Type: string; Properties: Record<string, unknown>; Metadata?: object }>;

function edit(change: (resources: Resources) => void): void {
  const template = JSON.parse(readFileSync(fixture.templatePath, 'utf8')) as { Resources: Resources };
  change(template.Resources);
  writeFileSync(fixture.templatePath, JSON.stringify(template));
}

describe('readStack', () => {
  it('reads all resources that the local cloud runs, with local names', () => {
    const stack = read();
    expect(stack.buckets).toEqual([
      {
        logicalId: 'Drop',
        name: 'local-drop',
        notifications: [
          {
            event: 's3:ObjectCreated:*',
            queueArn: 'arn:aws:sqs:us-east-1:000000000000:WorkQueue',
            prefix: '',
            suffix: '',
          },
        ],
      },
      { logicalId: 'Results', name: 'results', notifications: [] },
    ]);
    expect(stack.queues.find(({ name }) => name === 'WorkQueue')).toMatchObject({
      url: 'http://127.0.0.1:9324/000000000000/WorkQueue',
      visibilityTimeoutSeconds: 60,
      delaySeconds: 0,
      redrive: {
        deadLetterArn: 'arn:aws:sqs:us-east-1:000000000000:DeadLetters',
        maxReceiveCount: 2,
      },
    });
    expect(stack.tables).toMatchObject([{ name: 'rows', properties: { BillingMode: 'PAY_PER_REQUEST' } }]);
    expect(stack.tables[0]?.properties).not.toHaveProperty('SSESpecification');
    expect(stack.functions.find(({ name }) => name === 'EchoFunction')).toMatchObject({
      handler: 'index.handler',
      timeoutSeconds: 2,
      memoryMegabytes: 256,
      environment: { QUEUE_URL: 'http://127.0.0.1:9324/000000000000/WorkQueue', TABLE_NAME: 'rows' },
      codeFolder: join(fixture.folder, 'cdk.out', 'asset.echo'),
    });
    expect(stack.eventSources).toEqual([
      {
        logicalId: 'WorkMapping',
        functionName: 'WorkerFunction',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:WorkQueue',
        batchSize: 10,
        windowSeconds: 1,
        reportsItemFailures: true,
        maximumConcurrency: 3,
      },
    ]);
    expect(stack.schedules).toEqual([
      { logicalId: 'SweepRule', functionName: 'WorkerFunction', everyMs: 300_000, input: '{"Records":[]}' },
    ]);
    expect(stack.parameters).toEqual({ '/fixture/sources/default': '{}' });
    expect(stack.outputs).toEqual({ DropBucketName: 'local-drop', ResultsBucketName: 'results' });
  });

  it("takes the code's folder from the metadata of the CDK command line first", () => {
    edit((resources) => {
      const echo = resources.EchoFunction;
      if (echo) echo.Metadata = { 'aws:asset:path': 'asset.worker' };
    });
    const echo = read().functions.find(({ name }) => name === 'EchoFunction');
    expect(echo?.codeFolder).toBe(join(fixture.folder, 'cdk.out', 'asset.worker'));
  });

  it('reads schedules of EventBridge Scheduler, and skips disabled ones', () => {
    const target = { Arn: { 'Fn::GetAtt': ['EchoFunction', 'Arn'] }, Input: '{}' };
    edit((resources) => {
      const schedule = (State: string) => ({
        Type: 'AWS::Scheduler::Schedule',
        Properties: { ScheduleExpression: 'rate(1 hour)', State, Target: target },
      });
      resources.Hourly = schedule('ENABLED');
      resources.Off = schedule('DISABLED');
    });
    expect(read().schedules.slice(1)).toEqual([
      { logicalId: 'Hourly', functionName: 'EchoFunction', everyMs: 3_600_000, input: '{}' },
    ]);
  });

  it.each<[string, string, string, unknown, RegExp]>([
    [
      'a schedule that is no rate',
      'SweepRule',
      'ScheduleExpression',
      'cron(0 * * * ? *)',
      /SweepRule: expected rate/,
    ],
    ['a FIFO queue', 'WorkQueue', 'FifoQueue', true, /WorkQueue: the local cloud runs standard queues/],
    ['a filter on a mapping', 'WorkMapping', 'FilterCriteria', {}, /WorkMapping: FilterCriteria/],
    [
      'an import in a used property',
      'EchoFunction',
      'Environment',
      { 'Fn::ImportValue': 'x' },
      /EchoFunction.*Fn::ImportValue/,
    ],
  ])('refuses %s', (_name, id, property, value, message) => {
    edit((resources) => {
      const resource = resources[id];
      if (resource) resource.Properties[property] = value;
    });
    expect(read).toThrow(TemplateError);
    expect(read).toThrow(message);
  });

  it('reports the command to run if there is no template', () => {
    fixture.remove();
    expect(read).toThrow(/npm run synth/);
  });
});

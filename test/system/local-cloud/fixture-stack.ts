// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax of Fn::Sub
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the fixture's function writes about every message that it gets. */
export interface Seen {
  /** The message's text, or the decoded key of an S3 event. */
  what: string;
  receiveCount: number;
  firstReceiveMs: number;
  batch: number;
  pid: number;
  atMs: number;
  remainingMs: number;
}

/**
 * Does what each message's text says: `fail` reports the item, `lie` reports an unknown one, `throw`, `exit` and
 * `hang` take the whole batch down, `nap` takes 30 ms, anything else succeeds; each only on the first receive when it ends in `-once`.
 */
const WORKER = `
import { appendFileSync } from 'node:fs';
export const handler = async (event, context) => {
  const failures = [];
  for (const record of event.Records) {
    const receiveCount = Number(record.attributes.ApproximateReceiveCount);
    const s3 = record.body.startsWith('{"Records"') ? JSON.parse(record.body).Records[0].s3 : undefined;
    const what = s3 ? decodeURIComponent(s3.object.key.replaceAll('+', ' ')) : record.body;
    appendFileSync(process.env.SEEN_FILE, JSON.stringify({ what, receiveCount, batch: event.Records.length,
      firstReceiveMs: Number(record.attributes.ApproximateFirstReceiveTimestamp), pid: process.pid, atMs: Date.now(), remainingMs: context.getRemainingTimeInMillis() }) + '\\n');
    const [action, once] = what.split('-');
    if (once === 'once' && receiveCount > 1) continue;
    if (action === 'fail') failures.push({ itemIdentifier: record.messageId });
    if (action === 'lie') failures.push({ itemIdentifier: 'nobody' });
    if (action === 'throw') throw new TypeError('thrown on purpose');
    if (action === 'exit') process.exit(3);
    if (action === 'nap') await new Promise((resolve) => setTimeout(resolve, 30));
    if (action === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  return { batchItemFailures: failures };
};
`;

const ECHO = `
console.log(JSON.stringify({ level: 'INFO', message: 'echo is loaded' }));
export const handler = async (event, context) => {
  if (event.do === 'environment') return process.env;
  if (event.do === 'throw') throw new RangeError('thrown on purpose');
  if (event.do === 'spin') for (;;);
  if (event.do === 'exit') process.exit(7);
  if (event.do === 'crash') setTimeout(() => { throw new Error('crashed on purpose'); }, 1);
  if (event.do === 'crash') await new Promise(() => setInterval(() => undefined, 1000));
  if (event.do === 'nothing') return undefined;
  if (event.do === 'large') return 'x'.repeat(event.bytes);
  if (event.do === 'sleep') console.log('sleeping');
  if (event.do === 'sleep') await new Promise((resolve) => setTimeout(resolve, event.ms));
  return { event, pid: process.pid, context: { ...context, remainingMs: context.getRemainingTimeInMillis() } };
};
`;

const CODE = {
  worker: WORKER,
  echo: ECHO,
  broken: 'throw new SyntaxError("broken on purpose");',
};

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

/** A synthesized stack in small, with its assets, in a temporary folder. */
export class FixtureStack {
  readonly folder = mkdtempSync(join(tmpdir(), 'local-cloud-'));
  readonly templatePath = join(this.folder, 'cdk.out', 'Fixture.template.json');
  readonly dataDir = join(this.folder, 'data');
  readonly #seenFile = join(this.folder, 'seen.jsonl');

  constructor(changes: { work?: object; workQueue?: object; scheduleInput?: string } = {}) {
    mkdirSync(join(this.folder, 'cdk.out'));
    writeFileSync(this.#seenFile, '');
    const files: Record<string, object> = {};
    for (const [name, code] of Object.entries(CODE)) {
      const asset = join(this.folder, 'cdk.out', `asset.${name}`);
      mkdirSync(asset);
      writeFileSync(join(asset, 'index.mjs'), code);
      files[name] = { source: { path: `asset.${name}`, packaging: 'zip' } };
    }
    writeFileSync(
      this.templatePath.replace('.template.', '.assets.'),
      JSON.stringify({ version: '1', files }),
    );
    writeFileSync(this.templatePath, JSON.stringify(this.#template(changes)));
  }

  /** Everything that the worker saw, in order. */
  seen(): Seen[] {
    const lines = readFileSync(this.#seenFile, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Seen);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #template(changes: { work?: object; workQueue?: object; scheduleInput?: string }): object {
    const code = (name: string) => ({
      S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' },
      S3Key: `${name}.zip`,
    });
    const lambda = (name: string, more: object = {}) => ({
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Code: code(name),
        Role: { 'Fn::ImportValue': 'role' },
        ...more,
      },
    });
    return {
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' },
      },
      Resources: {
        Drop: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            NotificationConfiguration: {
              QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: arn('WorkQueue') }],
            },
          },
        },
        Results: { Type: 'AWS::S3::Bucket' },
        DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1209600 } },
        WorkQueue: {
          Type: 'AWS::SQS::Queue',
          Properties: {
            // Longer than any batch takes on a busy machine: what took longer would rightly come again.
            VisibilityTimeout: 60,
            RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters'), maxReceiveCount: 2 },
            ...changes.workQueue,
          },
        },
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 'rows',
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
            SSESpecification: { SSEEnabled: true },
          },
        },
        WorkerFunction: lambda('worker', {
          Timeout: 5,
          MemorySize: 256,
          Environment: { Variables: { SEEN_FILE: this.#seenFile } },
        }),
        EchoFunction: lambda('echo', {
          Timeout: 2,
          MemorySize: 256,
          Environment: { Variables: { QUEUE_URL: { Ref: 'WorkQueue' }, TABLE_NAME: { Ref: 'Table' } } },
        }),
        BrokenFunction: lambda('broken'),
        WorkMapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            FunctionName: { Ref: 'WorkerFunction' },
            EventSourceArn: arn('WorkQueue'),
            BatchSize: 10,
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            ...changes.work,
          },
        },
        SweepRule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            ScheduleExpression: 'rate(5 minutes)',
            State: 'ENABLED',
            Targets: [
              { Arn: arn('WorkerFunction'), Id: 'Target0', Input: changes.scheduleInput ?? '{"Records":[]}' },
            ],
          },
        },
        Sources: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Name: '/fixture/sources/default', Value: '{}' },
        },
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
      },
      Outputs: {
        DropBucketName: { Value: { Ref: 'Drop' } },
        ResultsBucketName: { Value: { Ref: 'Results' } },
        Elsewhere: { Value: { 'Fn::ImportValue': 'elsewhere' } },
      },
    };
  }
}

/** Asks again until the answer is there; a hang ends by the test's own time limit. */
export async function eventually<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

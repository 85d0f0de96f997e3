import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDeadLetterQueues } from '../../../functions/recovery/dead-letters/dead-letter.ts';
import { ENV } from '../../../functions/shared/environment.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/function-names.ts';
import { endpointVariables } from '../../../local/cloud/endpoints.ts';
import { notificationBody } from '../../../local/cloud/s3-notification.ts';
import type { FunctionResource } from '../../../local/cloud/stack.ts';
import {
  DROP_BUCKET,
  type LocalCloud,
  RESULTS_BUCKET,
  startCloud,
} from '../../../local/cloud/start-cloud.ts';
import { readStack } from '../../../local/cloud/template.ts';
import { apiEventOf } from '../../../local/console/api-event.ts';
import { TEMPLATE_FILE } from '../../../local/host/synthesize.ts';
import { sqsEvent } from '../../../local/lambda/sqs-event.ts';
import { synthesizeApp } from '../../support/synthesize-app.ts';
import { answerOnce, findRuntimeInterfaceClient, HOW_TO_INSTALL } from './runtime-interface-client.ts';

const program = findRuntimeInterfaceClient();
if (program === undefined) console.warn(`skipped: test/system/lambda-ric: ${HOW_TO_INSTALL}`);

const UNKNOWN_SERIES = { source: 'default', seriesInstanceUid: '1.2.84.901', ticket: 1 };
const NOTHING_FAILED = { batchItemFailures: [] };

/** One event that AWS sends, and what the handler's contract answers to it. */
const EVENTS: Readonly<
  Record<FunctionName, { event: object | ((queueArn: string) => unknown); answer: unknown }>
> = {
  'index-instances': {
    event: messages(
      notificationBody(
        {
          bucket: DROP_BUCKET,
          key: 'default/taken away again',
          sizeBytes: 1,
          etag: '"d41d8cd98f00b204e9800998ecf8427e"',
          eventName: 'ObjectCreated:Put',
          eventTime: '2026-03-01T08:00:00.000Z',
          sequencer: '01',
        },
        'drops',
      ),
      'not an event of S3',
    ),
    // It goes to the dead letters by itself, with its cause.
    answer: NOTHING_FAILED,
  },
  'check-completion': {
    event: messages(JSON.stringify({ kind: 'quiet', ...UNKNOWN_SERIES })),
    answer: NOTHING_FAILED,
  },
  compute: { event: messages(JSON.stringify(UNKNOWN_SERIES)), answer: NOTHING_FAILED },
  'poll-results': { event: messages(JSON.stringify(UNKNOWN_SERIES)), answer: NOTHING_FAILED },
  sweep: {
    event: { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} },
    answer: { moved: expect.any(Number) },
  },
  reconcile: {
    event: { pass: { repair: true } },
    answer: expect.objectContaining({ isComplete: true }),
  },
  'serve-api': {
    event: apiEventOf({
      method: 'GET',
      url: '/v1/health',
      headers: {},
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
      now: new Date('2026-03-01T08:00:00.000Z'),
    }),
    answer: expect.objectContaining({ statusCode: 200, body: expect.stringContaining('"version"') }),
  },
  canary: { event: {}, answer: expect.objectContaining({ hasDropped: true }) },
};

describe.skipIf(program === undefined)("each bundle under AWS's own runtime client", () => {
  let dataDir: string;
  let cloud: LocalCloud;
  let functions: FunctionResource[];

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'lambda-ric-'));
    await synthesizeApp(join(dataDir, 'stack'), { canarySource: 'default' });
    const templatePath = join(dataDir, 'stack', TEMPLATE_FILE);
    cloud = await startCloud({ templatePath, dataDir, s3Port: 0 });
    ({ functions } = readStack({
      templatePath,
      sqsUrl: cloud.endpoints.sqs,
      namesByOutput: { DropBucketName: DROP_BUCKET, ResultsBucketName: RESULTS_BUCKET },
    }));
  });
  afterAll(async () => {
    await cloud?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(FUNCTION_NAMES)('gives the documented response: %s', async (name) => {
    const { event, answer } = EVENTS[name];
    const plain = name.replaceAll('-', '');
    const resource = functions.find((one) => one.logicalId.toLowerCase().includes(`${plain}function`));
    expect(resource?.codeFolder).toBeDefined();
    if (resource === undefined || program === undefined) return;
    const given = typeof event === 'function' ? event(queueOf(resource)) : event;
    expect(await answerOnce(program, resource, endpointVariables(cloud.endpoints), given)).toEqual(answer);
  });
});

/** From the function's own queue, by whose ARN it finds the dead letters. */
function messages(...bodies: string[]): (queueArn: string) => unknown {
  return (queueArn) =>
    sqsEvent(
      bodies.map((Body, at) => ({ MessageId: `message-${at}`, ReceiptHandle: `handle-${at}`, Body })),
      queueArn,
    );
}

function queueOf({ environment }: FunctionResource): string {
  const [queue] = parseDeadLetterQueues(environment[ENV.deadLetterQueues] ?? '');
  return queue?.queueArn ?? '';
}

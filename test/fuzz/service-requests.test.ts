import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../../local/cloud/control-plane.ts';
import type { JsonServer } from '../../local/cloud/json-server.ts';
import { type LocalQueues, startQueues } from '../../local/cloud/queues/local-queues.ts';
import { queueResource } from '../support/queue-resource.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

/** The queues and the control plane of the one-machine host run in its own process, as the table does. */
const folder = mkdtempSync(join(tmpdir(), 'fuzz-services-'));
let queues: LocalQueues;
let control: JsonServer;
beforeAll(async () => {
  queues = await startQueues({ dataDir: folder });
  queues.apply([queueResource('jobs')]);
  control = await startControlPlane({
    parameters: () => ({ '/app/sources/a': 'value' }),
    secrets: () => ({ 'app/a': 'secret' }),
    onEvents: () => undefined,
  });
});
afterAll(async () => {
  await queues.close();
  await control.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Service {
  url(): string;
  type: string;
  targets: readonly string[];
  names: readonly string[];
  values: readonly unknown[];
}

const SQS: Service = {
  url: () => queues.url,
  type: 'application/x-amz-json-1.0',
  targets: [
    'SendMessage',
    'SendMessageBatch',
    'ReceiveMessage',
    'DeleteMessage',
    'DeleteMessageBatch',
    'ChangeMessageVisibility',
    'ChangeMessageVisibilityBatch',
    'GetQueueAttributes',
    'ListQueues',
    '__proto__',
  ].map((name) => `AmazonSQS.${name}`),
  names: [
    'QueueUrl',
    'Entries',
    'Id',
    'MessageBody',
    'DelaySeconds',
    'MessageAttributes',
    'DataType',
    'StringValue',
    'MaxNumberOfMessages',
    'VisibilityTimeout',
    'ReceiptHandle',
    'AttributeNames',
  ],
  values: ['jobs', 'http://127.0.0.1/000000000000/jobs', '1', 'All', -1, 900, 1e300, null, true],
};
const CONTROL: Service = {
  url: () => control.url,
  type: 'application/x-amz-json-1.1',
  targets: [
    'AmazonSSM.GetParameter',
    'AmazonSSM.GetParametersByPath',
    'secretsmanager.GetSecretValue',
    'AWSEvents.PutEvents',
    'toString',
  ],
  names: [
    'Name',
    'Path',
    'Recursive',
    'NextToken',
    'MaxResults',
    'SecretId',
    'Entries',
    'Source',
    'Detail',
    'Time',
  ],
  values: ['/app/sources/', '/app/sources/a', 'app/a', '__proto__', '{}', -1, 1e300, null, true],
};

async function call({ url, type }: Service, target: string, body: string): Promise<number> {
  const answer = await fetch(url(), {
    method: 'POST',
    headers: { 'content-type': type, 'x-amz-target': target },
    body,
  });
  await answer.text();
  return answer.status;
}

describe.each([
  ['the queues', SQS, ['AmazonSQS.ReceiveMessage', '{"QueueUrl":"jobs"}']],
  ['the control plane', CONTROL, ['AmazonSSM.GetParameter', '{"Name":"/app/sources/a"}']],
] as const)('%s', (_name, service, [target, body]) => {
  const input = textOf(jsonWith(service.names, fc.constantFrom(...service.values)));

  it(
    'answers every call, and keeps serving',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...service.targets), input, async (anyTarget, anyBody) => {
          expect(await call(service, anyTarget, anyBody)).toBeGreaterThanOrEqual(200);
        }),
        fuzzRuns(200),
      );
      expect(await call(service, target, body)).toBe(200);
    },
    FUZZ_TIMEOUT_MS,
  );
});

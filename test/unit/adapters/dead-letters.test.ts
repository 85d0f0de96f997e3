import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDeadLetterBox, createDeadLetterSink } from '../../../functions/adapters/dead-letters.ts';

const sqs = mockClient(SQSClient);
const client = sqs as unknown as SQSClient;
beforeEach(() => {
  sqs.reset();
});

const OF_MESSAGE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
const OF_RUN = 'Root=1-00000000-000000000000000000000001;Sampled=0';
const LINEAGE = 'Lineage=1:6a1b2c3d:4';
const QUEUE = {
  stage: 'compute',
  queueArn: 'arn:queue',
  queueUrl: 'https://queue',
  deadLetterUrl: 'https://dead',
  maxReceives: 5,
};
const NOTE = {
  stage: 'compute',
  cause: 'throttled' as const,
  failedAt: '2026-03-01T08:00:00.000Z',
  receives: 5,
  messageId: 'm-1',
};
const attribute = (header: string) => ({ AWSTraceHeader: { DataType: 'String', StringValue: header } });

describe('the trace of a dead letter', () => {
  test.each([
    ['that of the message', OF_MESSAGE, OF_RUN, attribute(OF_MESSAGE)],
    ['without what counts loops', `${OF_MESSAGE};${LINEAGE}`, OF_RUN, attribute(OF_MESSAGE)],
    ['that of the run, where the message has none', undefined, OF_RUN, attribute(OF_RUN)],
    ['that of the run, where that of the message is malformed', 'Root=x', OF_RUN, attribute(OF_RUN)],
    ['none', undefined, undefined, undefined],
  ])('is %s', async (_name, traceHeader, ofRun, expected) => {
    sqs.on(SendMessageCommand).resolves({});
    const sink = createDeadLetterSink(client, [QUEUE], () => ofRun);
    await sink.send(QUEUE.queueArn, '{}', { ...NOTE, ...(traceHeader === undefined ? {} : { traceHeader }) });
    const [call] = sqs.commandCalls(SendMessageCommand);
    expect(call?.args[0].input.MessageSystemAttributes).toEqual(expected);
  });

  test('goes back with it; a letter without one takes that of the redrive', async () => {
    sqs.on(ReceiveMessageCommand).resolves({
      Messages: [
        { MessageId: 'a', Body: '{}', Attributes: { AWSTraceHeader: `${OF_MESSAGE};${LINEAGE}` } },
        { MessageId: 'b', Body: '{}', Attributes: {} },
      ],
    });
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
    const box = createDeadLetterBox(client, [QUEUE], () => OF_RUN);
    await box.sendBack('compute', await box.receive('compute', 30));
    const [asked] = sqs.commandCalls(ReceiveMessageCommand);
    expect(asked?.args[0].input.MessageSystemAttributeNames).toContain('AWSTraceHeader');
    const [sent] = sqs.commandCalls(SendMessageBatchCommand);
    expect(sent?.args[0].input.Entries?.map((entry) => entry.MessageSystemAttributes)).toEqual([
      attribute(OF_MESSAGE),
      attribute(OF_RUN),
    ]);
  });
});

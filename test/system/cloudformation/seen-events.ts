import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ACCOUNT_ID, REGION } from './cdk-command.ts';
import type { Clients } from './deployed-stack.ts';

const QUEUE = 'events-seen';

export interface SeenEvents {
  /** The kinds of events about a series so far, in the order of their arrival. */
  of(seriesInstanceUid: string): Promise<string[]>;
}

/** A rule on the default bus as a hospital's own automation would have it, with a queue behind it. */
export async function watchEvents({ sqs, eventBridge }: Clients, endpointUrl: string): Promise<SeenEvents> {
  await sqs.send(new CreateQueueCommand({ QueueName: QUEUE }));
  const EventPattern = JSON.stringify({ source: ['qure-dropoff'] });
  await eventBridge.send(new PutRuleCommand({ Name: QUEUE, EventPattern }));
  const Arn = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${QUEUE}`;
  await eventBridge.send(new PutTargetsCommand({ Rule: QUEUE, Targets: [{ Id: 'queue', Arn }] }));

  const QueueUrl = `${endpointUrl}/${ACCOUNT_ID}/${QUEUE}`;
  const events: { 'detail-type': string; detail: { seriesInstanceUid?: string } }[] = [];
  return {
    async of(uid) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        events.push(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return events
        .filter(({ detail }) => detail.seriesInstanceUid === uid)
        .map((event) => event['detail-type']);
    },
  };
}

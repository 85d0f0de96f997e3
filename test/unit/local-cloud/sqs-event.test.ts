import { expect, it } from 'vitest';
import { sqsEvent } from '../../../local/lambda/sqs-event.ts';

it('passes the group and the trace of a message to the function', () => {
  const Attributes = { ApproximateReceiveCount: '3', MessageGroupId: 'ct', AWSTraceHeader: 'Root=1-2-3' };
  const { Records } = sqsEvent([{ MessageId: 'id', Body: 'body', Attributes }], 'arn:queue');
  expect(Records).toMatchObject([
    { messageId: 'id', body: 'body', eventSourceARN: 'arn:queue', attributes: Attributes },
  ]);
});

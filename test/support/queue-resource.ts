import { LOCAL_ACCOUNT_ID } from '../../local/cloud/intrinsics.ts';
import type { QueueResource } from '../../local/cloud/stack.ts';

export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${LOCAL_ACCOUNT_ID}:${name}`;

/** A queue as the template reader makes it, with SQS's defaults. */
export function queueResource(name: string, more: Partial<QueueResource> = {}): QueueResource {
  return {
    logicalId: name,
    name,
    arn: queueArn(name),
    url: '',
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    waitSeconds: 0,
    redrive: undefined,
    ...more,
  };
}

/** One whose messages go to `dead` after so many receives. */
export function queueWithDeadLetters(name: string, dead: string, maxReceiveCount: number): QueueResource {
  return queueResource(name, { redrive: { deadLetterArn: queueArn(dead), maxReceiveCount } });
}

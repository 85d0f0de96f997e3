import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MESSAGE_RETENTION, STAGES, type StageName, visibilityTimeoutOf } from '../limits.ts';

export interface PipelineQueueProps {
  stage: StageName;
  encryptionKey: IKey;
}

/** The queue of one stage, and its dead-letter queue. */
export class PipelineQueue extends Construct {
  readonly stage: StageName;
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: PipelineQueueProps) {
    super(scope, id);
    this.stage = props.stage;
    const common = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
      // A dead letter keeps the age of the message, so both queues have the longest possible retention.
      retentionPeriod: MESSAGE_RETENTION,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: visibilityTimeoutOf(STAGES[props.stage]),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: STAGES[props.stage].maxReceives },
    });
  }
}

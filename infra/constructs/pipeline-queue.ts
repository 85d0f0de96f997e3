import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MESSAGE_RETENTION, type StageLimits, type StageName, visibilityTimeoutOf } from '../limits.ts';

export interface PipelineQueueProps {
  stage: StageName;
  limits: StageLimits;
  encryptionKey: IKey;
}

/** The queue of one stage, and its dead-letter queue. */
export class PipelineQueue extends Construct {
  readonly stage: StageName;
  readonly limits: StageLimits;
  /** Its messages are of the pipeline itself: send none. */
  readonly queue: Queue;
  /** Read and redriven by the HTTP API and by `qure-dropoff dead-letters`. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: PipelineQueueProps) {
    super(scope, id);
    this.stage = props.stage;
    this.limits = props.limits;
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
      visibilityTimeout: visibilityTimeoutOf(props.limits),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.limits.maxReceives },
    });
  }
}

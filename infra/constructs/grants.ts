import { Aws, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { DeadLetterQueuesVariable } from '../../functions/recovery/dead-letters/dead-letter.ts';
import { EVENT_SOURCE } from '../../functions/series/events.ts';
import { ENV } from '../../functions/shared/environment.ts';
import type { MetricsBySource } from '../../functions/shared/metrics.ts';
import { type EncryptionKeys, USES_OF_A_KEY } from './encryption-keys.ts';
import type { PatientKey } from './patient-key.ts';
import type { EnvironmentName, PipelineFunction } from './pipeline-function.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import type { IndexName, SeriesTable } from './series-table.ts';
import type { Sources } from './sources.ts';

/** The resources that the functions share. */
export interface SharedResources {
  appName: string;
  metricsBySource: MetricsBySource;
  keys: EncryptionKeys;
  table: SeriesTable;
  /** Under its `encryptionKey`, if it has one. */
  dropBucket: IBucket;
  resultsBucket: IBucket;
  ingestQueue: PipelineQueue;
  completionQueue: PipelineQueue;
  computeQueue: PipelineQueue;
  resultsQueue: PipelineQueue;
  urgentComputeQueue: PipelineQueue;
  urgentResultsQueue: PipelineQueue;
  eventBus: IEventBus;
  sources: Sources;
  patientKey: PatientKey;
}

/** The calls of DynamoDB that the adapters make (functions/aws/table/); none of them scans. */
export type TableCall =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem';

/**
 * The permissions of the functions. One call grants a permission and sets the environment variable of its resource, so that
 * neither exists without the other. Keys may be used only through the service that holds the data.
 */
export class Grants {
  private readonly shared: SharedResources;
  /** The queues that each function consumes. */
  private readonly consumed = new Map<PipelineFunction, PipelineQueue[]>();

  constructor(shared: SharedResources) {
    this.shared = shared;
  }

  /** Metrics are lines of the log and need no permission. */
  countsMetrics(fn: PipelineFunction): void {
    const { appName, metricsBySource } = this.shared;
    fn.addEnvironment(ENV.appName, appName);
    // Only where it differs from the default, so that an upgrade changes no function for it.
    if (metricsBySource !== 'all') fn.addEnvironment(ENV.metricsBySource, metricsBySource);
  }

  /** The queues of one stage: the routine queue, then the priority queue. */
  consumesQueue(fn: PipelineFunction, ...sources: PipelineQueue[]): void {
    // Before the mapping: its creation fails if the role cannot receive yet.
    useKey(fn, this.shared.keys.messages, 'sqs', ['kms:Decrypt']);
    for (const source of sources) fn.consumes(source);
    this.grantSendDeadLetters(fn, sources);
  }

  /** Lets the function send a failed message to the dead-letter queue of its queue, with the cause. */
  private grantSendDeadLetters(fn: PipelineFunction, sources: readonly PipelineQueue[]): void {
    const queues = [...(this.consumed.get(fn) ?? []), ...sources];
    this.consumed.set(fn, queues);
    fn.addEnvironment(ENV.deadLetterQueues, deadLetterQueues(fn, queues));
    fn.allow(
      ['sqs:SendMessage'],
      sources.map(({ deadLetters }) => deadLetters.queueArn),
    );
    useKey(fn, this.shared.keys.messages, 'sqs', ['kms:GenerateDataKey', 'kms:Decrypt']);
  }

  /** Receives and redrives the dead letters of every queue that a function consumes; call it after `consumesQueue`. */
  redrivesDeadLetters(fn: PipelineFunction): void {
    const queues = [...this.consumed.values()].flat();
    fn.addEnvironment(ENV.deadLetterQueues, deadLetterQueues(fn, queues));
    fn.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      queues.map(({ deadLetters }) => deadLetters.queueArn),
    );
    fn.allow(
      ['sqs:SendMessage'],
      queues.map(({ queue }) => queue.queueArn),
    );
    useKey(fn, this.shared.keys.messages, 'sqs', ['kms:GenerateDataKey', 'kms:Decrypt']);
  }

  /** Sends to both queues of a stage: the priority of the series decides which one. */
  sendsTo(fn: PipelineFunction, ...stages: ('completion' | 'compute' | 'results')[]): void {
    for (const target of stages.flatMap((stage) => this.queuesOf(stage))) {
      fn.addEnvironment(target.variable, target.queue.queue.queueUrl);
      fn.allow(['sqs:SendMessage'], [target.queue.queue.queueArn]);
    }
    // SQS makes a data key for a sent message, and verifies it by decrypting. Source: Amazon SQS developer guide,
    // "Configure KMS permissions for producers".
    useKey(fn, this.shared.keys.messages, 'sqs', ['kms:GenerateDataKey', 'kms:Decrypt']);
  }

  /** The number of S3 events that wait in the ingest queue. */
  readsIngestBacklog(fn: PipelineFunction): void {
    const { queue } = this.shared.ingestQueue;
    fn.addEnvironment(ENV.ingestQueueUrl, queue.queueUrl);
    fn.allow(['sqs:GetQueueAttributes'], [queue.queueArn]);
  }

  /** Rows by key, whole partitions, and the given indexes; never a scan. */
  usesTable(fn: PipelineFunction, calls: readonly TableCall[], ...indexes: IndexName[]): void {
    const { table, keys } = this.shared;
    fn.addEnvironment(ENV.tableName, table.table.tableName);
    fn.allow(
      calls.map((call) => `dynamodb:${call}`),
      [table.table.tableArn],
    );
    if (indexes.length > 0) {
      fn.allow(
        ['dynamodb:Query'],
        indexes.map((index) => table.indexArn(index)),
      );
    }
    // Source: Amazon DynamoDB developer guide, "DynamoDB encryption at rest: usage notes", without CreateGrant, which
    // only the creation of the table needs.
    useKey(fn, keys.data, 'dynamodb', USES_OF_A_KEY);
  }

  /**
   * Objects by key and version, and listing. Without the right to list, S3 answers 403 for an object that does not exist, and a
   * deleted object would look like a missing permission. Source: Amazon S3 API, GetObject.
   */
  readsDrops(fn: PipelineFunction): void {
    fn.addEnvironment(ENV.dropBucket, this.shared.dropBucket.bucketName);
    this.reads(fn, this.shared.dropBucket, ['s3:GetObject', 's3:GetObjectVersion']);
  }

  /**
   * Signs links with which others put objects: S3 allows them what the role may do. Source: Amazon S3 user guide,
   * "Presigned URLs".
   */
  linksUploads(fn: PipelineFunction): void {
    const { dropBucket } = this.shared;
    fn.addEnvironment(ENV.dropBucket, dropBucket.bucketName);
    fn.allow(['s3:PutObject'], [dropBucket.arnForObjects('*')]);
    this.writesUnderKey(fn, dropBucket);
  }

  /** Drops below one folder like a site, and lists its own drops there. */
  dropsBelow(fn: PipelineFunction, folder: string): void {
    const { dropBucket } = this.shared;
    fn.addEnvironment(ENV.dropBucket, dropBucket.bucketName);
    fn.allow(['s3:PutObject'], [dropBucket.arnForObjects(`${folder}*`)]);
    fn.allow(['s3:ListBucket'], [dropBucket.bucketArn], { StringEquals: { 's3:prefix': folder } });
    this.writesUnderKey(fn, dropBucket);
  }

  readsResults(fn: PipelineFunction): void {
    fn.addEnvironment(ENV.resultsBucket, this.shared.resultsBucket.bucketName);
    this.reads(fn, this.shared.resultsBucket, ['s3:GetObject']);
  }

  /** The results of an earlier generation get a tag that names the later one. */
  tagsResults(fn: PipelineFunction): void {
    fn.allow(['s3:PutObjectTagging'], [this.shared.resultsBucket.arnForObjects('*')]);
  }

  /** Whole objects and multipart uploads; an upload that fails is aborted. */
  writesResults(fn: PipelineFunction): void {
    const { resultsBucket } = this.shared;
    fn.addEnvironment(ENV.resultsBucket, resultsBucket.bucketName);
    fn.allow(['s3:PutObject'], [resultsBucket.arnForObjects('*')]);
    fn.allow(['s3:AbortMultipartUpload'], [resultsBucket.arnForObjects('*')]);
    // Parts are decrypted when a multipart upload is completed.
    useKey(fn, resultsBucket.encryptionKey, 's3', ['kms:GenerateDataKey']);
    useKey(fn, resultsBucket.encryptionKey, 's3', ['kms:Decrypt']);
  }

  /** Events of our own source only, on our bus only. */
  publishesEvents(fn: PipelineFunction): void {
    fn.addEnvironment(ENV.eventBusName, this.shared.eventBus.eventBusName);
    fn.allow(['events:PutEvents'], [this.shared.eventBus.eventBusArn], {
      // One call has several entries: there must be at least one, and each must be of our source.
      'ForAllValues:StringEquals': { 'events:source': EVENT_SOURCE },
      Null: { 'events:source': 'false' },
    });
  }

  readsSources(fn: PipelineFunction): void {
    fn.addEnvironment(ENV.sourcesPath, this.shared.sources.path);
    fn.allow(['ssm:GetParametersByPath'], [this.shared.sources.parameterPathArn()]);
  }

  readsCredentials(fn: PipelineFunction): void {
    fn.addEnvironment(ENV.secretsPrefix, this.shared.sources.secretsPrefix);
    fn.allow(['secretsmanager:GetSecretValue'], this.shared.sources.secretArns());
    useKey(fn, this.shared.keys.data, 'secretsmanager', ['kms:Decrypt']);
  }

  /** The key of the patient hashes. */
  hashesPatients(fn: PipelineFunction): void {
    const { patientKey, keys } = this.shared;
    fn.addEnvironment(ENV.patientKeySecret, patientKey.secretName);
    fn.allow(['secretsmanager:GetSecretValue'], [patientKey.secretArn]);
    useKey(fn, keys.data, 'secretsmanager', ['kms:Decrypt']);
  }

  /**
   * Whole objects. Under an S3 Bucket Key a writer also decrypts: the data key of the bucket, whose encryption context is the
   * bucket. Source: AWS CloudTrail user guide, "Configure AWS KMS key policies for CloudTrail", about S3 Bucket Keys.
   */
  private writesUnderKey(fn: PipelineFunction, { encryptionKey, bucketArn }: IBucket): void {
    useKey(fn, encryptionKey, 's3', ['kms:GenerateDataKey']);
    useKey(fn, encryptionKey, 's3', ['kms:Decrypt'], { 'kms:EncryptionContext:aws:s3:arn': bucketArn });
  }

  private reads(fn: PipelineFunction, bucket: IBucket, actions: string[]): void {
    fn.allow(actions, [bucket.arnForObjects('*')]);
    fn.allow(['s3:ListBucket'], [bucket.bucketArn]);
    useKey(fn, bucket.encryptionKey, 's3', ['kms:Decrypt']);
  }

  private queuesOf(
    stage: 'completion' | 'compute' | 'results',
  ): { queue: PipelineQueue; variable: EnvironmentName }[] {
    const { shared } = this;
    switch (stage) {
      case 'completion':
        return [{ queue: shared.completionQueue, variable: ENV.completionQueueUrl }];
      case 'compute':
        return [
          { queue: shared.computeQueue, variable: ENV.computeQueueUrl },
          { queue: shared.urgentComputeQueue, variable: ENV.urgentComputeQueueUrl },
        ];
      case 'results':
        return [
          { queue: shared.resultsQueue, variable: ENV.resultsQueueUrl },
          { queue: shared.urgentResultsQueue, variable: ENV.urgentResultsQueueUrl },
        ];
    }
  }
}

/**
 * The value of `ENV.deadLetterQueues`. The queues by name, and one ARN and URL for all of them: Lambda allows 4 KB for all
 * variables together.
 */
function deadLetterQueues(fn: PipelineFunction, queues: readonly PipelineQueue[]): string {
  const [first] = queues;
  if (first === undefined) throw new Error('Expected at least one queue that a function consumes.');
  const value: DeadLetterQueuesVariable = {
    arn: first.queue.queueArn,
    url: first.queue.queueUrl,
    queues: queues.map(({ stage, limits, queue, deadLetters }) => ({
      stage,
      name: queue.queueName,
      deadLetters: deadLetters.queueName,
      maxReceives: limits.maxReceives,
    })),
  };
  return Stack.of(fn).toJsonString(value);
}

/** Source of the condition: AWS KMS developer guide, "kms:ViaService". Without our own key no permission is needed. */
function useKey(
  fn: PipelineFunction,
  key: IKey | undefined,
  service: string,
  actions: readonly string[],
  context: Readonly<Record<string, string>> = {},
): void {
  if (key === undefined) return;
  fn.allow(actions, [key.keyArn], {
    StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.${Aws.URL_SUFFIX}`, ...context },
  });
}

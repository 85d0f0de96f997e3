import type { JsonObject } from './intrinsics.ts';

/** The parts of a stack that the local cloud runs. Every name, ARN and URL is already a local one. */
export interface Stack {
  buckets: BucketResource[];
  queues: QueueResource[];
  tables: TableResource[];
  functions: FunctionResource[];
  eventSources: EventSourceResource[];
  schedules: ScheduleResource[];
  /** Parameters with their value in the template. */
  parameters: Record<string, string>;
  /** Secrets with a value in the template; others come from the host. */
  secrets: Record<string, string>;
  outputs: Record<string, string>;
}

export interface BucketResource {
  logicalId: string;
  name: string;
  notifications: QueueNotification[];
}

/** Source: S3 User Guide, "Configuring event notifications using object key name filtering". */
export interface QueueNotification {
  /** For example `s3:ObjectCreated:*`. */
  event: string;
  queueArn: string;
  prefix: string;
  suffix: string;
}

export interface QueueResource {
  logicalId: string;
  name: string;
  arn: string;
  url: string;
  visibilityTimeoutSeconds: number;
  delaySeconds: number;
  waitSeconds: number;
  redrive: { deadLetterArn: string; maxReceiveCount: number } | undefined;
}

export interface TableResource {
  logicalId: string;
  name: string;
  /** The template's properties, ready for CreateTable. */
  properties: JsonObject;
}

export interface FunctionResource {
  logicalId: string;
  name: string;
  arn: string;
  /** `<file without extension>.<export>`. */
  handler: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  environment: Record<string, string>;
  /** Absolute folder of the unpacked code; undefined if the code of the template is not a folder on this machine. */
  codeFolder: string | undefined;
}

export interface EventSourceResource {
  logicalId: string;
  functionName: string;
  queueArn: string;
  batchSize: number;
  windowSeconds: number;
  reportsItemFailures: boolean;
  /** Undefined: the limit of the function. */
  maximumConcurrency: number | undefined;
}

export interface ScheduleResource {
  logicalId: string;
  functionName: string;
  everyMs: number;
  /** The event that the function gets; undefined: EventBridge's "Scheduled Event". */
  input: string | undefined;
}

import type { RemovalPolicy } from 'aws-cdk-lib';
import type { WarmThroughput } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { MetricsBySource } from '../functions/shared/metrics.ts';
import type { Phi } from '../functions/shared/phi.ts';
import type { AlarmSeverity } from './constructs/add-alarm.ts';
import type { NetworkProps } from './constructs/function-network.ts';
import type { DeployedSource } from './constructs/sources.ts';
import type { FunctionName } from './function-names.ts';
import type { CanaryOptions } from './options/canary-settings.ts';
import type { ConsoleOptions } from './options/sign-in.ts';
import type { StagesSettings } from './options/stage-settings.ts';

/** A drop bucket that exists already. */
export interface ExistingDropBucket {
  bucket: IBucket;
  /**
   * - `eventbridge`: its events go to EventBridge (`aws s3api put-bucket-notification-configuration`, or
   *   `eventBridgeEnabled` in the CDK); a rule on the default bus receives them.
   * - `sqs`: its owner configures its notifications for the ingest queue (output `IngestQueueArn`) after the first
   *   deployment.
   */
  notifications: 'eventbridge' | 'sqs';
  /**
   * With `eventbridge`: only events of objects below the prefix of a source reach the pipeline. `false`: those of every object of the
   * bucket; what no source covers is quarantined as `no_source`, and costs as much as a scan. Sources that are added as parameters,
   * without a deployment, need `false`.
   * @default true
   */
  filtersByPrefix?: boolean;
}

/** The properties of a deployment. Each has a default; docs/infrastructure.md has examples. */
export interface QureDropoffProps {
  /**
   * Prefix of the names of buckets, parameters and secrets; 3 to 20 lower-case letters, digits and hyphens. Two
   * deployments in one account and region need different ones.
   * @default 'qure-dropoff'
   */
  appName?: string;
  /**
   * The senders of scans. At least one.
   * @default one source `default`, which takes what is dropped below `default/`, with the default rules
   */
  sources?: readonly DeployedSource[];
  /**
   * An existing bucket for scans, in the account and region of the stack, and how it sends its events. One that encrypts under
   * a customer-managed key has to be imported with this key (`encryptionKey` of `Bucket.fromBucketAttributes`).
   * @default a new bucket, `<appName>-drop-<account>-<region>`
   */
  dropBucket?: ExistingDropBucket;
  /**
   * An existing bucket for results, in the account and region of the stack. A bucket with a customer-managed key must
   * be imported with this key (`encryptionKey` of `Bucket.fromBucketAttributes`). Otherwise nothing can be written to
   * it.
   * @default a new bucket, `<appName>-results-<account>-<region>`
   */
  resultsBucket?: IBucket;
  /**
   * One key for everything that this construct makes: buckets, table, secrets, queues and logs. The policy of a key of
   * the same CDK app is extended; that of an imported one must have the statements of docs/infrastructure.md before the
   * deployment.
   * @default two new keys, one for stored data, one for queues and logs
   */
  encryptionKey?: IKey;
  /**
   * Run the functions in private subnets of a VPC. The subnets need a route to Qure.
   * @default none: the functions run outside of any VPC
   */
  network?: NetworkProps;
  /**
   * The bus for the events of the pipeline.
   * @default the default event bus of the account
   */
  eventBus?: IEventBus;
  /**
   * Publish the schemas of the events in an EventBridge schema registry with the name `appName`, for the console, the
   * toolkits and code bindings. Not in a region without schema registries. Nothing reads them at run time.
   * @default false
   */
  schemaRegistry?: boolean;
  /**
   * Notified when an alarm begins and ends.
   * @default none: alarms show in CloudWatch only
   */
  alarmTopic?: ITopic;
  /**
   * Notified for the alarms of one severity, in addition to `alarmTopic`. Other actions: `alarms.addAction`.
   * @default none
   */
  alarmTopics?: Partial<Record<AlarmSeverity, ITopic>>;
  /**
   * The metrics that are kept for each source, besides those of the whole deployment: `all`, `failures` (those that tell which
   * source needs attention) or `none`. A busy source with all of them costs some $4 a month. With `none` one alarm watches the
   * service levels of all sources together.
   * @default 'all'
   */
  metricsBySource?: MetricsBySource;
  /**
   * One CloudWatch dashboard of the whole pipeline. The first three of an account are free, each further one costs $3 a month.
   * @default true
   */
  dashboard?: boolean;
  /**
   * Compare the drop bucket with the index and with Qure's receipts once a day, and repair differences. Without it, the
   * function can still be invoked; see docs/operations.md.
   * @default true
   */
  reconcilesDaily?: boolean;
  /**
   * Send a synthetic study through the whole pipeline at a fixed rate, with an alarm for a study that fails. Each study costs as
   * much as a scan, also at Qure: see docs/operations.md#canary.
   * @default none
   */
  canary?: CanaryOptions;
  /**
   * The ARNs of the roles and users that may read the access logs; `*` matches any characters. All other readers of the
   * account are denied: the lines contain object keys, which may contain names.
   * @default none: only the root user of the account
   */
  accessLogReaderArns?: readonly string[];
  /**
   * The permissions boundary of every role that this construct makes.
   * @default none
   */
  permissionsBoundary?: IManagedPolicy;
  /**
   * What happens to resources with data (buckets, table, keys, secrets, logs) when they leave the stack: `RETAIN`, or,
   * for trials, `DESTROY`, which also switches off the deletion protection of the table. No function empties a bucket:
   * CloudFormation deletes only an empty one.
   * @default RemovalPolicy.RETAIN; resources of a failed first deployment are deleted
   */
  removalPolicy?: RemovalPolicy.RETAIN | RemovalPolicy.DESTROY;
  /**
   * Tags of every resource that supports them, in addition to `project`.
   * @default none
   */
  tags?: Readonly<Record<string, string>>;
  /**
   * Memory, time-out and parallel runs of the stages. What depends on them follows: visibility timeouts, alarms for backlogs.
   * @default the numbers of docs/infrastructure.md#stages
   */
  stages?: StagesSettings;
  /**
   * Reads and writes a second that the table takes at once, for the first export of an archive into a new deployment. DynamoDB
   * charges once for what is above its own number, and never lowers it.
   * @default a new table takes 12,000 reads and 4,000 writes, and doubles within minutes under load
   */
  warmThroughput?: WarmThroughput;
  /**
   * An HTTP API of API Gateway, with IAM authorization, in front of the function `apiFunction`.
   * @default true
   */
  httpApi?: boolean;
  /**
   * The page for people, at the address of the HTTP API, with sign-in at your provider. See docs/infrastructure.md#sign-in.
   * @default none: the HTTP API is for callers with IAM alone
   */
  console?: ConsoleOptions;
  /**
   * `show`: name and ID of the patient of each series are kept, encrypted under a key of their own, and a person with the role for it
   * may ask for them; each time is recorded. See docs/infrastructure.md#names-of-patients.
   * @default 'hide': neither is kept or shown anywhere
   */
  phi?: Phi;
  /**
   * Allow the functions that send messages to themselves to do so, where Lambda would end such a loop after some 16 rounds.
   * `false` for a region that has no recursive loop detection, and therefore no setting for it.
   * @default true, and false if the stack knows that it is in such a region (docs/deployment.md#regions)
   */
  recursionControl?: boolean;
  /**
   * Have X-Ray trace the functions.
   * @default true
   */
  tracing?: boolean;
  /**
   * The retention of the logs.
   * @default RetentionDays.ONE_MONTH
   */
  logRetention?: RetentionDays;
  /**
   * Encrypts the logs. The policy of a key of the same CDK app is extended; that of an imported one must allow
   * CloudWatch Logs to use it, with the statement `LogGroupsOfThisAccount` of docs/infrastructure.md, before the
   * deployment.
   * @default the key of the queues, or `encryptionKey`
   */
  logEncryptionKey?: IKey;
  /**
   * The code of each function; its handler is `index.handler`.
   * @default the bundles of the package, or those of `npm run build` in a clone
   */
  codeFor?: (name: FunctionName) => Code;
}

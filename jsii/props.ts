import type { RemovalPolicy } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';

/** One sender of scans in a deployment: its document without credentials. */
export interface DeployedSource {
  /** Lower-case letters, digits, dots, underscores and hyphens; names the parameter and the secret. */
  readonly name: string;
  /**
   * What docs/configuration.md describes, for example `{ prefix: 'north/' }`. Mistakes are found at the synthesis.
   * @default - the default rules, below a prefix of the name
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii has no other type for any value of JSON
  readonly document?: { readonly [key: string]: any };
}

/** How an existing bucket sends its events. */
export enum DropNotifications {
  /** Its events go to EventBridge; a rule on the default bus receives them. */
  EVENTBRIDGE = 'eventbridge',
  /** Its owner configures its notifications for the ingest queue, after the first deployment. */
  SQS = 'sqs',
}

/** A drop bucket that exists already. */
export interface ExistingDropBucket {
  /** Has to be imported with its key, if it encrypts under a customer-managed one. */
  readonly bucket: s3.IBucket;
  /** The way of its events. */
  readonly notifications: DropNotifications;
  /**
   * With `EVENTBRIDGE`: only events of objects below the prefix of a source reach the pipeline.
   * @default true
   */
  readonly filtersByPrefix?: boolean;
}

/** The network of the functions. */
export interface NetworkProps {
  /** Where the functions get their network interfaces. */
  readonly vpc: ec2.IVpc;
  /**
   * Private subnets, each with a route to Qure's address.
   * @default - the private subnets of the VPC
   */
  readonly subnets?: ec2.SubnetSelection;
  /**
   * At least one. They must allow HTTPS to Qure and to the services of AWS.
   * @default - a new one without ingress, and with egress to HTTPS only
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /**
   * Make the endpoints over which the functions reach AWS without leaving the VPC.
   * @default false
   */
  readonly createsEndpoints?: boolean;
}

/** The provider at which people sign in to the page. Any that speaks OpenID Connect. */
export interface SignInOptions {
  /** As the tokens say it, for example `https://login.microsoftonline.com/<tenant>/v2.0`. */
  readonly issuer: string;
  /** Of the application that is registered there for the page: a public client, without a secret. */
  readonly clientId: string;
  /**
   * One of them has to be the audience of a token.
   * @default - the client id
   */
  readonly audience?: string[];
  /**
   * What the page asks for.
   * @default - openid
   */
  readonly scopes?: string[];
  /** The claim of the token that lists the roles, at its top level. */
  readonly rolesClaim: string;
  /**
   * The claim that is recorded as the person's name beside the subject.
   * @default - none
   */
  readonly nameClaim?: string;
  /**
   * Origins of the provider besides that of the issuer to which a browser connects.
   * @default - none
   */
  readonly origins?: string[];
}

/** The page for people, served by the HTTP API. */
export interface ConsoleOptions {
  /** Who may see it is decided by roles in the token of the person who has signed in. */
  readonly signIn: SignInOptions;
  /**
   * Where a browser finds the page, if the API has a domain of its own.
   * @default - the address of the API, output `ApiUrl`
   */
  readonly origin?: string;
}

/** Severity of an alarm. */
export enum AlarmSeverity {
  /** Scans get no result, or a failure stays unnoticed, until a person acts. */
  CRITICAL = 'critical',
  /** Something is slow, or has failed and needs to be looked at within days. */
  WARNING = 'warning',
}

/** A topic for each severity. */
export interface AlarmTopics {
  /**
   * Notified for alarms of the severity `CRITICAL`.
   * @default - none
   */
  readonly critical?: sns.ITopic;
  /**
   * Notified for alarms of the severity `WARNING`.
   * @default - none
   */
  readonly warning?: sns.ITopic;
}

/** The metrics that are kept for each source, besides those of the whole deployment. */
export enum MetricsBySource {
  /** All of them. */
  ALL = 'all',
  /** Those that tell which source needs attention. */
  FAILURES = 'failures',
  /** None. */
  NONE = 'none',
}

/** Whether a deployment keeps and shows names and IDs of patients. */
export enum Phi {
  /** Neither is kept or shown anywhere. */
  HIDE = 'hide',
  /** Kept encrypted under a key of their own, and shown to a person with the role for it; each time is recorded. */
  SHOW = 'show',
}

/** A final state of the study of a canary. */
export enum CanaryState {
  /** Its results are stored. */
  DONE = 'DONE',
  /** Qure has processed it, and calls it unsupported. */
  UNSUPPORTED = 'UNSUPPORTED',
  /** No product takes it. */
  SKIPPED = 'SKIPPED',
}

/** A synthetic study that runs through the whole pipeline at a fixed rate. */
export interface CanaryOptions {
  /** A deployed source. */
  readonly source: string;
  /**
   * Minutes between two studies; 5 to 700.
   * @default 60
   */
  readonly everyMinutes?: number;
  /**
   * Minutes after the drop within which it must be final.
   * @default 30
   */
  readonly withinMinutes?: number;
  /**
   * The accepted final states.
   * @default - DONE and UNSUPPORTED
   */
  readonly expectedStates?: CanaryState[];
}

/** What a deployment may set of a stage; docs/infrastructure.md has the defaults. */
export interface StageSettings {
  /**
   * Memory of the function; 256 to 10240.
   * @default - 1024 for ingest and compute, 512 for the others
   */
  readonly memoryMb?: number;
  /**
   * Time-out of the function; at most 900.
   * @default - ingest 60, completion 300, compute 900, results 300
   */
  readonly timeoutSeconds?: number;
  /**
   * Parallel runs for the routine queue of the stage; 2 to 1000.
   * @default - ingest 20, completion 20, compute 10, results 20
   */
  readonly maxConcurrency?: number;
}

/** Of a stage with a priority queue. */
export interface PrioritizedStageSettings extends StageSettings {
  /**
   * Parallel runs for the priority queue; 2 to 1000.
   * @default - compute 4, results 10
   */
  readonly urgentMaxConcurrency?: number;
}

/** The stages of the pipeline. What is left out keeps its default. */
export interface StagesSettings {
  /**
   * Reads the headers of dropped objects.
   * @default - the numbers of docs/infrastructure.md
   */
  readonly ingest?: StageSettings;
  /**
   * Decides whether series are complete.
   * @default - the numbers of docs/infrastructure.md
   */
  readonly completion?: StageSettings;
  /**
   * Uploads series to Qure.
   * @default - the numbers of docs/infrastructure.md
   */
  readonly compute?: PrioritizedStageSettings;
  /**
   * Polls for results and stores them.
   * @default - the numbers of docs/infrastructure.md
   */
  readonly results?: PrioritizedStageSettings;
}

/** The properties of a deployment. Each has a default. */
export interface QureDropoffProps {
  /**
   * Prefix of the names of buckets, parameters and secrets; 3 to 20 lower-case letters, digits and hyphens.
   * @default 'qure-dropoff'
   */
  readonly appName?: string;
  /**
   * The senders of scans. At least one.
   * @default - one source `default`, which takes what is dropped below `default/`
   */
  readonly sources?: DeployedSource[];
  /**
   * An existing bucket for scans, in the account and region of the stack.
   * @default - a new bucket, `<appName>-drop-<account>-<region>`
   */
  readonly dropBucket?: ExistingDropBucket;
  /**
   * An existing bucket for results, in the account and region of the stack.
   * @default - a new bucket, `<appName>-results-<account>-<region>`
   */
  readonly resultsBucket?: s3.IBucket;
  /**
   * One key for everything that this construct makes.
   * @default - two new keys, one for stored data, one for queues and logs
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Run the functions in private subnets of a VPC.
   * @default - the functions run outside of any VPC
   */
  readonly network?: NetworkProps;
  /**
   * The bus for the events of the pipeline.
   * @default - the default event bus of the account
   */
  readonly eventBus?: events.IEventBus;
  /**
   * Publish the schemas of the events in an EventBridge schema registry.
   * @default false
   */
  readonly schemaRegistry?: boolean;
  /**
   * Notified when an alarm begins and ends.
   * @default - alarms show in CloudWatch only
   */
  readonly alarmTopic?: sns.ITopic;
  /**
   * Notified for the alarms of one severity, in addition to `alarmTopic`.
   * @default - none
   */
  readonly alarmTopics?: AlarmTopics;
  /**
   * The metrics that are kept for each source.
   * @default MetricsBySource.ALL
   */
  readonly metricsBySource?: MetricsBySource;
  /**
   * One CloudWatch dashboard of the whole pipeline.
   * @default true
   */
  readonly dashboard?: boolean;
  /**
   * Compare the drop bucket with the index and with Qure's receipts once a day, and repair differences.
   * @default true
   */
  readonly reconcilesDaily?: boolean;
  /**
   * Send a synthetic study through the whole pipeline at a fixed rate.
   * @default - none
   */
  readonly canary?: CanaryOptions;
  /**
   * The ARNs of the roles and users that may read the access logs; `*` matches any characters.
   * @default - only the root user of the account
   */
  readonly accessLogReaderArns?: string[];
  /**
   * The permissions boundary of every role that this construct makes.
   * @default - none
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /**
   * What happens to resources with data when they leave the stack: `RETAIN` or, for trials, `DESTROY`.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Tags of every resource that supports them, in addition to `project`.
   * @default - none
   */
  readonly tags?: { readonly [key: string]: string };
  /**
   * Memory, time-out and parallel runs of the stages.
   * @default - the numbers of docs/infrastructure.md
   */
  readonly stages?: StagesSettings;
  /**
   * Reads and writes a second that the table takes at once; DynamoDB charges once for what is above its own number.
   * @default - a new table takes 12,000 reads and 4,000 writes, and doubles within minutes under load
   */
  readonly warmThroughput?: dynamodb.WarmThroughput;
  /**
   * An HTTP API of API Gateway, with IAM authorization, in front of `apiFunction`.
   * @default true
   */
  readonly httpApi?: boolean;
  /**
   * The page for people, at the address of the HTTP API, with sign-in at your provider.
   * @default - none
   */
  readonly console?: ConsoleOptions;
  /**
   * Whether name and ID of the patient of each series are kept, encrypted, and shown to a person who may see them.
   * @default Phi.HIDE
   */
  readonly phi?: Phi;
  /**
   * Allow the functions that send messages to themselves to do so, where Lambda would end such a loop.
   * @default - true where the region has recursive loop detection
   */
  readonly recursionControl?: boolean;
  /**
   * Have X-Ray trace the functions.
   * @default true
   */
  readonly tracing?: boolean;
  /**
   * The retention of the logs.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
  /**
   * Encrypts the logs.
   * @default - the key of the queues, or `encryptionKey`
   */
  readonly logEncryptionKey?: kms.IKey;
}

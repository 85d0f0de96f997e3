import { Tags } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { bundleFunctions } from './bundle.ts';
import { AccessLogsBucket } from './constructs/access-logs-bucket.ts';
import { acknowledgeOpenNames } from './constructs/acknowledgements.ts';
import { Alarms } from './constructs/alarms.ts';
import { DropNotifications } from './constructs/drop-notifications.ts';
import { EncryptionKeys } from './constructs/encryption-keys.ts';
import type { SharedResources } from './constructs/grants.ts';
import { PipelineFunctions } from './constructs/pipeline-functions.ts';
import { PipelineQueue } from './constructs/pipeline-queue.ts';
import { PrivateBucket } from './constructs/private-bucket.ts';
import { ReconcileSchedule } from './constructs/reconcile-schedule.ts';
import { SeriesTable } from './constructs/series-table.ts';
import { DEFAULT_SOURCES, type DeployedSource, Sources } from './constructs/sources.ts';
import { SweepSchedule } from './constructs/sweep-schedule.ts';
import { FUNCTION_NAMES, type FunctionName } from './function-names.ts';

export interface QureDropoffProps {
  /**
   * Begins the names of buckets, parameters and secrets; 3 to 20 lower-case letters, digits and hyphens. Two
   * deployments in one account and region need different ones.
   * @default 'qure-dropoff'
   */
  appName?: string;
  /**
   * Who sends scans. At least one.
   * @default one source `default`, which takes what is dropped below `default/`, with the default rules
   */
  sources?: readonly DeployedSource[];
  /**
   * Where the events of the pipeline go.
   * @default the default event bus of the account
   */
  eventBus?: IEventBus;
  /**
   * Told when an alarm rings and when it ends.
   * @default none: alarms show in CloudWatch only
   */
  alarmTopic?: ITopic;
  /**
   * Compare the drop bucket with the index and with Qure's receipts once a day, and repair what differs. Without it, the
   * function is there to be invoked; see docs/operations.md.
   * @default true
   */
  reconcilesDaily?: boolean;
  /**
   * How long the logs of the functions are kept.
   * @default RetentionDays.ONE_MONTH
   */
  logRetention?: RetentionDays;
  /**
   * Encrypts the logs of the functions. Its policy must let CloudWatch Logs of this region use it.
   * @default the key of CloudWatch Logs itself
   */
  logEncryptionKey?: IKey;
  /**
   * The code of each function; its handler is `index.handler`.
   * @default bundles of `functions/<name>/index.ts`
   */
  codeFor?: (name: FunctionName) => Code;
}

/**
 * The whole pipeline: scans that are dropped into its bucket come back as findings. See docs/architecture.md for the way
 * of a scan, docs/deployment.md for putting it into an account.
 */
export class QureDropoff extends Construct implements SharedResources {
  readonly appName: string;
  readonly keys: EncryptionKeys;
  readonly dropBucket: PrivateBucket;
  readonly resultsBucket: PrivateBucket;
  readonly table: SeriesTable;
  readonly ingestQueue: PipelineQueue;
  readonly completionQueue: PipelineQueue;
  readonly computeQueue: PipelineQueue;
  readonly resultsQueue: PipelineQueue;
  readonly urgentComputeQueue: PipelineQueue;
  readonly urgentResultsQueue: PipelineQueue;
  readonly eventBus: IEventBus;
  readonly sources: Sources;
  readonly functions: PipelineFunctions;

  /** @throws Error for an unusable `appName`, for no source, and for a function that cannot be bundled */
  constructor(scope: Construct, id: string, props: QureDropoffProps = {}) {
    super(scope, id);
    const appName = checkedAppName(props.appName ?? 'qure-dropoff');
    this.appName = appName;

    this.keys = new EncryptionKeys(this, 'Keys');
    const { data, messages } = this.keys;
    const accessLogs = new AccessLogsBucket(this, 'AccessLogs');
    const bucketProps = { encryptionKey: data, accessLogs };
    this.dropBucket = new PrivateBucket(this, 'Drop', { ...bucketProps, namePrefix: `${appName}-drop` });
    this.resultsBucket = new PrivateBucket(this, 'Results', {
      ...bucketProps,
      namePrefix: `${appName}-results`,
    });
    this.table = new SeriesTable(this, 'Series', { encryptionKey: data });
    this.sources = new Sources(this, 'Sources', {
      appName,
      sources: props.sources ?? DEFAULT_SOURCES,
      encryptionKey: data,
    });

    this.ingestQueue = new PipelineQueue(this, 'Ingest', { stage: 'ingest', encryptionKey: messages });
    this.completionQueue = new PipelineQueue(this, 'Completion', {
      stage: 'completion',
      encryptionKey: messages,
    });
    this.computeQueue = new PipelineQueue(this, 'Compute', { stage: 'compute', encryptionKey: messages });
    this.resultsQueue = new PipelineQueue(this, 'ResultsPolling', {
      stage: 'results',
      encryptionKey: messages,
    });
    this.urgentComputeQueue = new PipelineQueue(this, 'UrgentCompute', {
      stage: 'urgentCompute',
      encryptionKey: messages,
    });
    this.urgentResultsQueue = new PipelineQueue(this, 'UrgentResults', {
      stage: 'urgentResults',
      encryptionKey: messages,
    });
    new DropNotifications(this, 'DropNotifications', this);

    this.eventBus = props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    this.functions = new PipelineFunctions(this, 'Functions', {
      shared: this,
      codeFor: props.codeFor ?? bundledCode(),
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      ...(props.logEncryptionKey && { logEncryptionKey: props.logEncryptionKey }),
    });
    if (props.reconcilesDaily !== false)
      new ReconcileSchedule(this, 'ReconcileSchedule', { reconcile: this.functions.reconcile });
    new SweepSchedule(this, 'SweepSchedule', { sweep: this.functions.sweep });
    new Alarms(this, 'Alarms', {
      queues: [
        this.ingestQueue,
        this.completionQueue,
        this.computeQueue,
        this.resultsQueue,
        this.urgentComputeQueue,
        this.urgentResultsQueue,
      ],
      sweep: this.functions.sweep,
      reconcile: this.functions.reconcile,
      ...(props.alarmTopic && { topic: props.alarmTopic }),
    });

    acknowledgeOpenNames(this.functions, [this.dropBucket, this.resultsBucket], this.sources);
    Tags.of(this).add('project', 'qure-dropoff');
  }
}

/** The longest bucket name, `<app>-results-<account>-<region>`, may have 63 characters; regions have up to 14. */
function checkedAppName(appName: string): string {
  if (/^[a-z][a-z0-9-]{1,18}[a-z0-9]$/.test(appName)) return appName;
  throw new Error(
    `Expected an app name of 3 to 20 lower-case letters, digits and hyphens, got "${appName}". Choose another one.`,
  );
}

function bundledCode(): (name: FunctionName) => Code {
  const folders = bundleFunctions(FUNCTION_NAMES);
  return (name) => Code.fromAsset(folders[name]);
}

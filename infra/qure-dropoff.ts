import { RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus, type Rule } from 'aws-cdk-lib/aws-events';
import { type Grant, type IGrantable, type IRole, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { knownProducts } from '../functions/qure/product.ts';
import type { Source } from '../functions/sources/source.ts';
import { grantPutBelow, grantReadBelow } from './constructs/access-grants.ts';
import { AccessLogsBucket } from './constructs/access-logs-bucket.ts';
import { acknowledgeOpenNames } from './constructs/acknowledgements.ts';
import { Alarms } from './constructs/alarms.ts';
import { Canary } from './constructs/canary.ts';
import { PipelineDashboard } from './constructs/dashboard.ts';
import { DropEvents } from './constructs/drop-events.ts';
import {
  allowNotificationsOf,
  DropNotifications,
  type NotificationReceiver,
} from './constructs/drop-notifications.ts';
import { DropRoles } from './constructs/drop-roles.ts';
import { EncryptionKeys } from './constructs/encryption-keys.ts';
import { eventRule, type OnEventProps } from './constructs/event-rule.ts';
import { EventSchemas } from './constructs/event-schemas.ts';
import { FunctionNetwork } from './constructs/function-network.ts';
import type { SharedResources } from './constructs/grants.ts';
import { HttpFront } from './constructs/http-front.ts';
import { knownArnOf } from './constructs/known-arn.ts';
import { MeasuredConstruct } from './constructs/measured-construct.ts';
import { addOutputs } from './constructs/outputs.ts';
import { PatientKey } from './constructs/patient-key.ts';
import { PipelineFunctions } from './constructs/pipeline-functions.ts';
import { PipelineMetrics } from './constructs/pipeline-metrics.ts';
import { PipelineQueue } from './constructs/pipeline-queue.ts';
import { PrivateBucket, type PrivateBucketProps } from './constructs/private-bucket.ts';
import { ReconcileSchedule } from './constructs/reconcile-schedule.ts';
import { hasRecursionControl } from './constructs/recursion-control.ts';
import { SeriesTable } from './constructs/series-table.ts';
import { SourceNotifications } from './constructs/source-notifications.ts';
import { expireBySource, type MadeBuckets } from './constructs/source-retention.ts';
import { DEFAULT_SOURCES, Sources } from './constructs/sources.ts';
import { watchStackSize } from './constructs/stack-size.ts';
import { SweepSchedule } from './constructs/sweep-schedule.ts';
import { canarySettings } from './options/canary-settings.ts';
import { watchEventBridge } from './options/check-buckets.ts';
import { checkProps } from './options/check-props.ts';
import { prebuiltCode } from './prebuilt-code.ts';
import type { ExistingDropBucket, QureDropoffProps } from './qure-dropoff-props.ts';

export type { ExistingDropBucket, QureDropoffProps } from './qure-dropoff-props.ts';

/**
 * The whole pipeline: it sends the scans of its drop bucket to Qure and stores the findings. See docs/architecture.md for the
 * data flow, docs/deployment.md for the deployment.
 */
export class QureDropoff extends MeasuredConstruct {
  readonly appName: string;
  readonly keys: EncryptionKeys;
  readonly dropBucket: IBucket;
  readonly resultsBucket: IBucket;
  readonly table: ITable;
  readonly ingestQueue: PipelineQueue;
  readonly completionQueue: PipelineQueue;
  readonly computeQueue: PipelineQueue;
  readonly resultsQueue: PipelineQueue;
  readonly urgentComputeQueue: PipelineQueue;
  readonly urgentResultsQueue: PipelineQueue;
  readonly eventBus: IEventBus;
  readonly sources: Sources;
  readonly patientKey: PatientKey;
  readonly functions: PipelineFunctions;
  /** Serves the HTTP API. */
  readonly apiFunction: IFunction;
  /** Only with the property `httpApi`. */
  readonly httpApi?: HttpApi;
  /** Only with the property `canary`. Invoke it with `{}` for an additional run. */
  readonly canaryFunction?: IFunction;
  /** The roles that senders of other accounts assume to drop scans, by the name of the source. */
  readonly dropRoles: Readonly<Record<string, IRole>>;
  /** The scope of the rules of `onEvent`: their ids cannot collide with those of our own constructs. */
  private readonly rules: Construct;

  /** @throws MistakesError with every mistake of the properties and sources; Error for a function without a bundle */
  constructor(scope: Construct, id: string, props: QureDropoffProps = {}) {
    super(scope, id);
    const appName = props.appName ?? 'qure-dropoff';
    const configured = checkProps(this, appName, props);
    this.appName = appName;
    const isRetained = props.removalPolicy !== RemovalPolicy.DESTROY;
    // Resources of a first deployment that failed are deleted, so that their names are free for the next one.
    const removalPolicy = isRetained ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    this.rules = new Construct(this, 'OnEvent');

    this.keys = new EncryptionKeys(this, 'Keys', {
      removalPolicy,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
      ...(props.logEncryptionKey && { logEncryptionKey: props.logEncryptionKey }),
    });
    const { data, messages } = this.keys;
    const series = new SeriesTable(this, 'Series', { encryptionKey: data, isRetained });
    this.table = series.table;
    this.sources = new Sources(this, 'Sources', {
      appName,
      sources: props.sources ?? DEFAULT_SOURCES,
      configured,
      encryptionKey: data,
      removalPolicy,
    });

    this.patientKey = new PatientKey(this, 'PatientKey', { appName, encryptionKey: data, removalPolicy });

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
    const accessLogReaderArns = props.accessLogReaderArns ?? [];
    const newBucket = this.bucketFactory({
      appName,
      accessLogReaderArns,
      encryptionKey: data,
      removalPolicy,
    });
    const made: MadeBuckets = {};
    if (props.resultsBucket === undefined) {
      made.resultsBucket = newBucket('Results');
      this.resultsBucket = made.resultsBucket.bucket;
    } else this.resultsBucket = props.resultsBucket;
    const receiver = { ingestQueue: this.ingestQueue, keys: this.keys };
    if (props.dropBucket === undefined) {
      made.dropBucket = newBucket('Drop');
      made.dropBucket.refuseForeignEncryption();
      new DropNotifications(this, 'DropNotifications', { dropBucket: made.dropBucket, ...receiver });
      this.dropBucket = made.dropBucket.bucket;
    } else {
      this.dropBucket = props.dropBucket.bucket;
      this.listenTo(props.dropBucket, receiver);
    }
    const sources = configured.map(({ source }) => source);
    expireBySource(sources, made);
    const { dropBucket } = this;
    this.dropRoles = new DropRoles(this, 'DropRoles', { sources: configured, dropBucket }).roles;

    this.eventBus = props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultEventBus', 'default');
    const { eventBus, keys } = this;
    const notifications = configured.some(({ deployment }) => deployment.notifications.length > 0)
      ? new SourceNotifications(this, 'Notifications', { appName, sources: configured, eventBus, keys })
      : undefined;
    if (props.schemaRegistry === true) new EventSchemas(this, 'EventSchemas', { appName });
    const shared: SharedResources = {
      appName,
      keys: this.keys,
      table: series,
      dropBucket: this.dropBucket,
      resultsBucket: this.resultsBucket,
      ingestQueue: this.ingestQueue,
      completionQueue: this.completionQueue,
      computeQueue: this.computeQueue,
      resultsQueue: this.resultsQueue,
      urgentComputeQueue: this.urgentComputeQueue,
      urgentResultsQueue: this.urgentResultsQueue,
      eventBus: this.eventBus,
      sources: this.sources,
      patientKey: this.patientKey,
    };
    const codeFor = props.codeFor ?? prebuiltCode;
    const logs = {
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      logEncryptionKey: this.keys.logs,
      removalPolicy,
    };
    const tracing = props.tracing !== false;
    const common = {
      ...logs,
      tracing,
      recursionControl: props.recursionControl ?? hasRecursionControl(Stack.of(this)),
      ...(props.network && { network: new FunctionNetwork(this, 'Network', { ...props.network, tracing }) }),
    };
    this.functions = new PipelineFunctions(this, 'Functions', { shared, codeFor, ...common });
    const canary = props.canary && canarySettings(props.canary, this.sourceNamed(props.canary.source));
    if (canary) {
      const runs = { shared, settings: canary, code: codeFor('canary'), ...common };
      this.canaryFunction = new Canary(this, 'Canary', runs).canary.function;
    }
    this.apiFunction = this.functions.serveApi.function;
    if (props.httpApi !== false)
      this.httpApi = new HttpFront(this, 'HttpApi', { appName, apiFunction: this.apiFunction, ...logs }).api;
    if (props.reconcilesDaily !== false)
      new ReconcileSchedule(this, 'ReconcileSchedule', { reconcile: this.functions.reconcile });
    new SweepSchedule(this, 'SweepSchedule', { sweep: this.functions.sweep });
    const queues = [
      this.ingestQueue,
      this.completionQueue,
      this.computeQueue,
      this.resultsQueue,
      this.urgentComputeQueue,
      this.urgentResultsQueue,
    ];
    const metrics = new PipelineMetrics(appName);
    const alarms = new Alarms(this, 'Alarms', {
      queues,
      functions: this.functions,
      metrics,
      sources,
      ...(canary && { canary }),
      ...(notifications && { undeliveredNotifications: notifications.deadLetters }),
      ...(props.alarmTopic && { topic: props.alarmTopic }),
    });
    if (props.dashboard !== false) {
      new PipelineDashboard(this, 'Overview', {
        appName,
        metrics,
        queues,
        functions: this.functions.byName,
        alarms: alarms.all,
      });
    }

    acknowledgeOpenNames(this.functions, [this.dropBucket, this.resultsBucket], this.sources);
    watchStackSize(this, configured);
    if (props.permissionsBoundary) PermissionsBoundary.of(this).apply(props.permissionsBoundary);
    // CloudFormation supports tags of dashboards only in some regions, and refuses an unknown property.
    for (const [key, value] of Object.entries({ ...props.tags, project: 'qure-dropoff' }))
      Tags.of(this).add(key, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
  }

  /**
   * Allows a sender to drop scans below the prefix of a source: whole objects and multipart uploads, under the key of
   * the bucket.
   * @throws Error for a source that is not deployed, and for a grantee whose policies this app cannot write
   */
  grantDrop(grantee: IGrantable, sourceName: string): Grant {
    return grantPutBelow(grantee, this.dropBucket, this.prefixOf(sourceName));
  }

  /**
   * Allows a reader to list and read results, of one source or of all.
   * @throws Error as `grantDrop` does
   */
  grantReadResults(grantee: IGrantable, sourceName?: string): Grant {
    // Results are below the name of the source, scans below its prefix.
    if (sourceName !== undefined) this.prefixOf(sourceName);
    return grantReadBelow(grantee, this.resultsBucket, sourceName === undefined ? '' : `${sourceName}/`);
  }

  /**
   * A rule for events of this pipeline, which docs/automation.md describes. Delivery is at least once; `detail.eventId` is the
   * same for a repeated delivery. Give the target a dead-letter queue.
   * @throws Error for a filter that no event could pass, with every mistake
   */
  onEvent(id: string, props: OnEventProps): Rule {
    const sources = this.sources.configured.map(({ source }) => source);
    const products = sources.flatMap((source) => knownProducts(source).map(({ name }) => name));
    const deployed = { sources: sources.map(({ name }) => name), products: [...new Set(products)] };
    return eventRule(this.rules, id, { ...props, eventBus: this.eventBus, deployed });
  }

  /**
   * Adds to the stack the outputs that the documentation names (`DropBucketName`, `ApiUrl`, …). Not by default: an app decides what
   * its stacks show. `QureDropoffStack` has them.
   * @param prefix begins the name of each, for two deployments in one stack
   */
  addOutputs(prefix = ''): void {
    addOutputs(this, this, prefix);
  }

  /** New buckets share one bucket for their access logs, which is created with the first of them. */
  private bucketFactory({
    appName,
    accessLogReaderArns: readerArns,
    ...bucket
  }: Omit<PrivateBucketProps, 'namePrefix' | 'accessLogs'> & {
    appName: string;
    accessLogReaderArns: readonly string[];
  }) {
    let accessLogs: AccessLogsBucket | undefined;
    return (id: 'Drop' | 'Results') => {
      accessLogs ??= new AccessLogsBucket(this, 'AccessLogs', { ...bucket, readerArns });
      return new PrivateBucket(this, id, {
        ...bucket,
        accessLogs,
        namePrefix: `${appName}-${id.toLowerCase()}`,
      });
    };
  }

  private listenTo({ bucket, notifications }: ExistingDropBucket, receiver: NotificationReceiver): void {
    if (notifications === 'eventbridge') {
      new DropEvents(this, 'DropEvents', { dropBucket: bucket, ...receiver });
      watchEventBridge(this, bucket);
      return;
    }
    // `checkProps` has refused a bucket whose name is not known.
    allowNotificationsOf(knownArnOf(bucket) ?? bucket.bucketArn, receiver);
  }

  protected override expectSource(sourceName: string): void {
    this.prefixOf(sourceName);
  }

  private prefixOf(sourceName: string): string {
    return this.sourceNamed(sourceName).prefix;
  }

  private sourceNamed(sourceName: string): Source {
    const sources = this.sources.configured.map(({ source }) => source);
    const found = sources.find(({ name }) => name === sourceName);
    if (found !== undefined) return found;
    const names = sources.map(({ name }) => name).join(', ');
    throw new Error(
      `Expected a deployed source (${names}), got "${sourceName}". Correct the name or deploy the source.`,
    );
  }
}

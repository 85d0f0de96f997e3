import { RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus, type Rule } from 'aws-cdk-lib/aws-events';
import { type IRole, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { MetricsBySource } from '../functions/shared/metrics.ts';
import type { Source } from '../functions/sources/source.ts';
import { acknowledgeOpenNames } from './constructs/acknowledgements.ts';
import { Alarms } from './constructs/alarms.ts';
import { bucketFactory } from './constructs/bucket-factory.ts';
import { Canary } from './constructs/canary.ts';
import { countsUse } from './constructs/counted-use.ts';
import { PipelineDashboard } from './constructs/dashboard.ts';
import { DropNotifications } from './constructs/drop-notifications.ts';
import { DropRoles } from './constructs/drop-roles.ts';
import { EncryptionKeys } from './constructs/encryption-keys.ts';
import { EventSchemas } from './constructs/event-schemas.ts';
import { listenTo } from './constructs/existing-drop-bucket.ts';
import { FunctionNetwork } from './constructs/function-network.ts';
import type { SharedResources } from './constructs/grants.ts';
import { HttpFront } from './constructs/http-front.ts';
import { openConsole } from './constructs/open-console.ts';
import { addOutputs } from './constructs/outputs.ts';
import { PatientKey } from './constructs/patient-key.ts';
import { PhiKey } from './constructs/phi-key.ts';
import { PipelineFunctions } from './constructs/pipeline-functions.ts';
import { PipelineMetrics } from './constructs/pipeline-metrics.ts';
import { PipelineQueue } from './constructs/pipeline-queue.ts';
import { ReconcileSchedule } from './constructs/reconcile-schedule.ts';
import { hasRecursionControl } from './constructs/recursion-control.ts';
import type { WatchedRule } from './constructs/rule-metrics.ts';
import { SeriesTable } from './constructs/series-table.ts';
import { SourceNotifications } from './constructs/source-notifications.ts';
import { expireBySource, type MadeBuckets, withScanDays } from './constructs/source-retention.ts';
import { DEFAULT_SOURCES, Sources } from './constructs/sources.ts';
import { watchStackSize } from './constructs/stack-size.ts';
import { SweepSchedule } from './constructs/sweep-schedule.ts';
import { ImportedQureDropoff, type QureDropoffAttributes } from './imported-qure-dropoff.ts';
import type { StageName } from './limits.ts';
import { canarySettings } from './options/canary-settings.ts';
import { checkProps } from './options/check-props.ts';
import { stageLimitsOf } from './options/stage-settings.ts';
import { prebuiltCode } from './prebuilt-code.ts';
import { type IQureDropoff, QureDropoffBase } from './qure-dropoff-base.ts';
import type { QureDropoffProps } from './qure-dropoff-props.ts';

export type { IQureDropoff } from './qure-dropoff-base.ts';
export type { ExistingDropBucket, QureDropoffProps } from './qure-dropoff-props.ts';

/**
 * The whole pipeline: it sends the scans of its drop bucket to Qure and stores the findings. See docs/architecture.md for the
 * data flow, docs/deployment.md for the deployment.
 */
export class QureDropoff extends QureDropoffBase {
  readonly appName: string;
  /** The two keys: of stored data, and of queues and logs. */
  readonly keys: EncryptionKeys;
  /** Takes scans below the prefixes of the sources. */
  readonly dropBucket: IBucket;
  /** Has the results, below the name of each source. */
  readonly resultsBucket: IBucket;
  /** Series, instances, quarantine and the states of sources. Its rows are not part of the interface. */
  readonly table: ITable;
  /** Events of dropped objects. */
  readonly ingestQueue: PipelineQueue;
  /** Series whose completeness is to be judged. */
  readonly completionQueue: PipelineQueue;
  /** Complete series that go to Qure. */
  readonly computeQueue: PipelineQueue;
  /** Series that Qure computes. */
  readonly resultsQueue: PipelineQueue;
  /** As `computeQueue`, for sources and rules with `priority: urgent`. */
  readonly urgentComputeQueue: PipelineQueue;
  /** As `resultsQueue`, for sources and rules with `priority: urgent`. */
  readonly urgentResultsQueue: PipelineQueue;
  readonly eventBus: IEventBus;
  /** The parameter and the secret of each source. */
  readonly sources: Sources;
  /** The key of the hashes of patients. */
  readonly patientKey: PatientKey;
  /** The key of the names of patients; only with `phi: 'show'`. */
  readonly phiKey?: IKey;
  /** The functions of the pipeline, each with its role and log. */
  readonly functions: PipelineFunctions;
  /** Every alarm with its severity; `addAction` adds actions by severity. */
  readonly alarms: Alarms;
  readonly apiFunction: IFunction;
  /** Only with the property `httpApi`. */
  readonly httpApi?: HttpApi;
  /** Only with the property `canary`. Invoke it with `{}` for an additional run. */
  readonly canaryFunction?: IFunction;
  /** The roles that senders of other accounts assume to drop scans, by the name of the source. */
  readonly dropRoles: Readonly<Record<string, IRole>>;
  private readonly keptBySource: MetricsBySource;

  /**
   * A deployment that another app has made, by its outputs: for grants, events and metrics.
   * @throws MistakesError for sources with mistakes
   */
  static fromQureDropoffAttributes(
    scope: Construct,
    id: string,
    attributes: QureDropoffAttributes,
  ): IQureDropoff {
    return new ImportedQureDropoff(scope, id, attributes);
  }

  /** @throws MistakesError with every mistake of the properties and sources; Error for a function without a bundle */
  constructor(scope: Construct, id: string, props: QureDropoffProps = {}) {
    super(scope, id);
    const appName = props.appName ?? 'qure-dropoff';
    const given = props.sources ?? DEFAULT_SOURCES;
    const deployed = props.dropBucket === undefined ? withScanDays(given) : given;
    const configured = checkProps(this, appName, { ...props, sources: deployed });
    this.appName = appName;
    this.keptBySource = props.metricsBySource ?? 'all';
    const isRetained = props.removalPolicy !== RemovalPolicy.DESTROY;
    // Resources of a first deployment that failed are deleted, so that their names are free for the next one.
    const removalPolicy = isRetained ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

    this.keys = new EncryptionKeys(this, 'Keys', {
      removalPolicy,
      ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
      ...(props.logEncryptionKey && { logEncryptionKey: props.logEncryptionKey }),
    });
    const { data, messages } = this.keys;
    const series = new SeriesTable(this, 'Series', {
      encryptionKey: data,
      isRetained,
      ...(props.warmThroughput && { warmThroughput: props.warmThroughput }),
    });
    this.table = series.table;
    this.sources = new Sources(this, 'Sources', {
      appName,
      sources: deployed,
      configured,
      encryptionKey: data,
      removalPolicy,
    });

    this.patientKey = new PatientKey(this, 'PatientKey', { appName, encryptionKey: data, removalPolicy });

    const limits = stageLimitsOf(props.stages);
    const newQueue = (queueId: string, stage: StageName) =>
      new PipelineQueue(this, queueId, { stage, limits: limits[stage], encryptionKey: messages });
    this.ingestQueue = newQueue('Ingest', 'ingest');
    this.completionQueue = newQueue('Completion', 'completion');
    this.computeQueue = newQueue('Compute', 'compute');
    this.resultsQueue = newQueue('ResultsPolling', 'results');
    this.urgentComputeQueue = newQueue('UrgentCompute', 'urgentCompute');
    this.urgentResultsQueue = newQueue('UrgentResults', 'urgentResults');
    const accessLogReaderArns = props.accessLogReaderArns ?? [];
    const newBucket = bucketFactory(this, {
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
    let dropRules: readonly Rule[] = [];
    if (props.dropBucket === undefined) {
      made.dropBucket = newBucket('Drop');
      made.dropBucket.refuseForeignEncryption();
      new DropNotifications(this, 'DropNotifications', { dropBucket: made.dropBucket, ...receiver });
      this.dropBucket = made.dropBucket.bucket;
    } else {
      this.dropBucket = props.dropBucket.bucket;
      dropRules = listenTo(this, props.dropBucket, receiver, configured);
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
      metricsBySource: this.keptBySource,
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
      ...(props.network && {
        network: new FunctionNetwork(this, 'Network', {
          ...props.network,
          tracing,
          callsKms: props.phi === 'show',
        }),
      }),
    };
    this.functions = new PipelineFunctions(this, 'Functions', { shared, codeFor, ...common });
    if (props.phi === 'show')
      this.phiKey = new PhiKey(this, 'Phi', { functions: this.functions, removalPolicy }).key;
    const schedules: WatchedRule[] = [];
    const billed = Object.values(this.functions.byName);
    const canary = props.canary && canarySettings(props.canary, this.sourceNamed(props.canary.source));
    if (canary) {
      const runs = { shared, settings: canary, code: codeFor('canary'), ...common };
      const made = new Canary(this, 'Canary', runs);
      this.canaryFunction = made.canary.function;
      schedules.push({ rule: made.rule });
      billed.push(made.canary);
    }
    this.apiFunction = this.functions.serveApi.function;
    if (props.httpApi !== false) {
      const signIn = props.console?.signIn;
      const front = { appName, apiFunction: this.apiFunction, ...logs, ...(signIn && { signIn }) };
      this.httpApi = new HttpFront(this, 'HttpApi', front).api;
      if (props.console) openConsole(props.console, { ...made, httpApi: this.httpApi, ...this.functions });
    }
    const { httpApi } = this;
    countsUse(this.functions.serveApi, { appName, functions: billed, ...(httpApi && { httpApi }) });
    const { reconcile, sweep } = this.functions;
    if (props.reconcilesDaily !== false)
      schedules.push(new ReconcileSchedule(this, 'ReconcileSchedule', { reconcile }));
    schedules.push(new SweepSchedule(this, 'SweepSchedule', { sweep }));
    const queues = [
      this.ingestQueue,
      this.completionQueue,
      this.computeQueue,
      this.resultsQueue,
      this.urgentComputeQueue,
      this.urgentResultsQueue,
    ];
    const metrics = new PipelineMetrics(appName, this.keptBySource);
    this.alarms = new Alarms(this, 'Alarms', {
      queues,
      table: series.table,
      rules: {
        drops: dropRules.map((rule) => ({ rule })),
        notifications: notifications?.rules ?? [],
        schedules,
      },
      functions: this.functions,
      metrics,
      sources,
      ...(canary && { canary }),
      ...(notifications && { undeliveredNotifications: notifications.deadLetters }),
      ...(props.alarmTopic && { topic: props.alarmTopic }),
      ...(props.alarmTopics && { topics: props.alarmTopics }),
    });
    if (props.dashboard !== false) {
      new PipelineDashboard(this, 'Overview', {
        appName,
        metrics,
        queues,
        functions: this.functions.byName,
        alarms: this.alarms.all.map(({ alarm }) => alarm),
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
   * Adds to the stack the outputs that the documentation names (`DropBucketName`, `ApiUrl`, …). Not by default: an app decides what
   * its stacks show. `QureDropoffStack` has them.
   * @param prefix begins the name of each, for two deployments in one stack
   */
  addOutputs(prefix = ''): void {
    addOutputs(this, this, prefix);
  }

  protected override metricsKeptBySource(): MetricsBySource {
    return this.keptBySource;
  }

  protected override deployedSources(): readonly Source[] {
    return this.sources.configured.map(({ source }) => source);
  }
}

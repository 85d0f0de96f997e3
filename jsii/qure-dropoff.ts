import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Alarm, IAlarmAction, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import type { QureDropoffAttributes } from './attributes';
import type { OnEventProps } from './events';
import * as library from './library';
import { PipelineMetric, type PipelineMetricOptions } from './metrics';
import type { AlarmSeverity, CanaryOptions, DeployedSource, QureDropoffProps } from './props';

/** An alarm of the deployment; its description names its entry in docs/operations.md. */
export interface PipelineAlarm {
  /** For example `IngestDeadLetters`; the same in every deployment. */
  readonly name: string;
  /** How soon a person has to act. */
  readonly severity: AlarmSeverity;
  /** The alarm itself. */
  readonly alarm: Alarm;
}

/** A deployment, of this app or of another one. */
export interface IQureDropoff extends IConstruct {
  /** The prefix of the names of buckets, parameters and secrets. */
  readonly appName: string;
  /** Takes scans below the prefixes of the sources. */
  readonly dropBucket: IBucket;
  /** Has the results, below the name of each source. */
  readonly resultsBucket: IBucket;
  /** Gets the events of the pipeline. */
  readonly eventBus: IEventBus;
  /** Serves the HTTP API, also without API Gateway. */
  readonly apiFunction: IFunction;
  /** Absent if the deployment has none. */
  readonly httpApi?: IHttpApi;
  /** Allows a sender to drop scans below the prefix of a source. */
  grantDrop(grantee: IGrantable, sourceName: string): Grant;
  /** Allows a reader to list and read results, of one source or of all. */
  grantReadResults(grantee: IGrantable, sourceName?: string): Grant;
  /** Allows to read by the HTTP API: series, results, quarantine, dead letters. */
  grantInvokeApi(grantee: IGrantable): Grant;
  /** Allows to retry series and to redrive dead letters by the HTTP API. */
  grantRetry(grantee: IGrantable): Grant;
  /** A rule for events of this pipeline. Delivery is at least once; give the target a dead-letter queue. */
  onEvent(id: string, props: OnEventProps): Rule;
  /** A metric of the pipeline. */
  metric(metric: PipelineMetric, options?: PipelineMetricOptions): Metric;
}

/** What both kinds of deployments have. The library does the work; each method hands its call on. */
abstract class Dropoff extends Construct implements IQureDropoff {
  /** The id `Default` is in no name, so the stack has the same resources as one in TypeScript. */
  private readonly inner: library.IQureDropoff;

  constructor(scope: Construct, id: string, make: (scope: Construct) => library.IQureDropoff) {
    super(scope, id);
    this.inner = make(this);
  }

  /** The prefix of the names of buckets, parameters and secrets. */
  public get appName(): string {
    return this.inner.appName;
  }

  /** Takes scans below the prefixes of the sources. */
  public get dropBucket(): IBucket {
    return this.inner.dropBucket;
  }

  /** Has the results, below the name of each source. */
  public get resultsBucket(): IBucket {
    return this.inner.resultsBucket;
  }

  /** Gets the events of the pipeline. */
  public get eventBus(): IEventBus {
    return this.inner.eventBus;
  }

  /** Serves the HTTP API, also without API Gateway. */
  public get apiFunction(): IFunction {
    return this.inner.apiFunction;
  }

  /** Absent if the deployment has none. */
  public get httpApi(): IHttpApi | undefined {
    return this.inner.httpApi;
  }

  /** Allows a sender to drop scans below the prefix of a source. */
  public grantDrop(grantee: IGrantable, sourceName: string): Grant {
    return this.inner.grantDrop(grantee, sourceName);
  }

  /** Allows a reader to list and read results, of one source or of all. */
  public grantReadResults(grantee: IGrantable, sourceName?: string): Grant {
    return this.inner.grantReadResults(grantee, sourceName);
  }

  /** Allows to read by the HTTP API: series, results, quarantine, dead letters. */
  public grantInvokeApi(grantee: IGrantable): Grant {
    return this.inner.grantInvokeApi(grantee);
  }

  /** Allows to retry series and to redrive dead letters by the HTTP API. */
  public grantRetry(grantee: IGrantable): Grant {
    return this.inner.grantRetry(grantee);
  }

  /** A rule for events of this pipeline. Delivery is at least once; give the target a dead-letter queue. */
  public onEvent(id: string, props: OnEventProps): Rule {
    return this.inner.onEvent(id, eventsOfLibrary(props));
  }

  /** A metric of the pipeline. */
  public metric(metric: PipelineMetric, options: PipelineMetricOptions = {}): Metric {
    const isOfAll = metric === PipelineMetric.DEAD_LETTERS || metric === PipelineMetric.SWEPT_SERIES;
    if (isOfAll && options.source !== undefined) {
      throw new Error(
        `Expected no source for ${metric}, which is kept for the whole deployment. Leave it out.`,
      );
    }
    const method = `metric${metric}` as const;
    return this.inner[method](options);
  }
}

class ImportedDropoff extends Dropoff {
  constructor(scope: Construct, id: string, attributes: QureDropoffAttributes) {
    const { sources, ...others } = attributes;
    super(scope, id, (inside) =>
      library.QureDropoff.fromQureDropoffAttributes(inside, 'Default', {
        ...others,
        ...(sources && { sources: withDocuments(sources) }),
      }),
    );
  }
}

/** The whole pipeline: it sends the scans of its drop bucket to Qure and stores the findings. */
export class QureDropoff extends Dropoff {
  /** A deployment that another app has made, by its outputs: for grants, events and metrics. */
  public static fromQureDropoffAttributes(
    scope: Construct,
    id: string,
    attributes: QureDropoffAttributes,
  ): IQureDropoff {
    return new ImportedDropoff(scope, id, attributes);
  }

  /** Reads a sources file (YAML; docs/configuration.md) for the property `sources`. */
  public static readSourcesFile(path: string): DeployedSource[] {
    // Their documents are plain JSON, which TypeScript does not see in the type.
    return library.readSourcesFile(path) as unknown as DeployedSource[];
  }

  private readonly pipeline: library.QureDropoff;

  constructor(scope: Construct, id: string, props: QureDropoffProps = {}) {
    let pipeline: library.QureDropoff | undefined;
    super(scope, id, (inside) => {
      pipeline = new library.QureDropoff(inside, 'Default', propsOfLibrary(props));
      return pipeline;
    });
    this.pipeline = pipeline as library.QureDropoff;
  }

  /** Series, instances, quarantine and the states of sources. Its rows are not part of the interface. */
  public get table(): ITable {
    return this.pipeline.table;
  }

  /** Events of dropped objects, for the notifications of an existing bucket. */
  public get ingestQueue(): IQueue {
    return this.pipeline.ingestQueue.queue;
  }

  /** The key of the stored data. */
  public get dataKey(): IKey {
    return this.pipeline.keys.data;
  }

  /** The key of the queues. */
  public get messagesKey(): IKey {
    return this.pipeline.keys.messages;
  }

  /** The key of the names of patients; only with `phi: Phi.SHOW`. */
  public get phiKey(): IKey | undefined {
    return this.pipeline.phiKey;
  }

  /** The functions of the pipeline, by name. */
  public get functions(): { [name: string]: IFunction } {
    const { byName } = this.pipeline.functions;
    return Object.fromEntries(Object.entries(byName).map(([name, one]) => [name, one.function]));
  }

  /** Only with the property `canary`. Invoke it with `{}` for an additional run. */
  public get canaryFunction(): IFunction | undefined {
    return this.pipeline.canaryFunction;
  }

  /** The roles that senders of other accounts assume to drop scans, by the name of the source. */
  public get dropRoles(): { [source: string]: IRole } {
    return { ...this.pipeline.dropRoles };
  }

  /** Every alarm with its severity. */
  public get alarms(): PipelineAlarm[] {
    return this.pipeline.alarms.all.map((one) => ({
      ...one,
      severity: one.severity as string as AlarmSeverity,
    }));
  }

  /** Has an action taken when an alarm of this severity begins; when it ends, too. */
  public addAlarmAction(severity: AlarmSeverity, ...actions: IAlarmAction[]): void {
    this.pipeline.alarms.addAction(`${severity}` as const, ...actions);
  }

  /** Adds to the stack the outputs that the documentation names (`DropBucketName`, `ApiUrl`, …). */
  public addOutputs(prefix?: string): void {
    this.pipeline.addOutputs(prefix);
  }
}

/** The values of the enums are the texts that the library expects; it checks them, and everything else. */
function propsOfLibrary(props: QureDropoffProps): library.QureDropoffProps {
  const { sources, removalPolicy, dropBucket, metricsBySource, phi, canary, ...same } = props;
  return {
    ...same,
    ...(sources && { sources: withDocuments(sources) }),
    ...(removalPolicy && { removalPolicy: removalPolicy as RemovalPolicy.RETAIN }),
    ...(dropBucket && {
      dropBucket: { ...dropBucket, notifications: `${dropBucket.notifications}` as const },
    }),
    ...(metricsBySource && { metricsBySource: `${metricsBySource}` as const }),
    ...(phi && { phi: `${phi}` as const }),
    ...(canary && { canary: canaryOfLibrary(canary) }),
  };
}

function canaryOfLibrary({ expectedStates, ...same }: CanaryOptions): library.CanaryOptions {
  return {
    ...same,
    ...(expectedStates && { expectedStates: expectedStates.map((state) => `${state}` as const) }),
  };
}

function eventsOfLibrary({ detailTypes, triageStatus, ...same }: OnEventProps): library.OnEventProps {
  return {
    ...same,
    ...(detailTypes && { detailTypes: detailTypes.map((one) => `${one}` as const) }),
    ...(triageStatus && { triageStatus: `${triageStatus}` as const }),
  };
}

function withDocuments(sources: readonly DeployedSource[]): library.DeployedSource[] {
  return sources.map(({ name, document }) => ({ name, document: document ?? {} }));
}

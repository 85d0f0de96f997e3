import type { HttpApi, IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { knownProducts } from '../functions/qure/product.ts';
import type { Source } from '../functions/sources/source.ts';
import { grantCallsOf, grantPutBelow, grantReadBelow } from './constructs/access-grants.ts';
import { eventRule, type OnEventProps } from './constructs/event-rule.ts';
import { MeasuredConstruct } from './constructs/measured-construct.ts';

/** The methods for metrics, for example `metricSeriesDone`. */
export type MetricMethod = Extract<keyof MeasuredConstruct, `metric${string}`>;

/** A deployment, of this app or of another one. */
export interface IQureDropoff extends IConstruct, Pick<MeasuredConstruct, MetricMethod> {
  /** The prefix of the names of buckets, parameters and secrets. */
  readonly appName: string;
  /** Takes scans. */
  readonly dropBucket: IBucket;
  /** Has the results. */
  readonly resultsBucket: IBucket;
  /** Gets the events of the pipeline. */
  readonly eventBus: IEventBus;
  /** Serves the HTTP API, also without API Gateway. */
  readonly apiFunction: IFunction;
  /** Absent if the deployment has none. */
  readonly httpApi?: HttpApi | IHttpApi;
  grantDrop(grantee: IGrantable, sourceName: string): Grant;
  grantReadResults(grantee: IGrantable, sourceName?: string): Grant;
  grantInvokeApi(grantee: IGrantable): Grant;
  grantRetry(grantee: IGrantable): Grant;
  onEvent(id: string, props: OnEventProps): Rule;
}

/** What can be done with a deployment, whichever app it is of. */
export abstract class QureDropoffBase extends MeasuredConstruct implements IQureDropoff {
  abstract readonly dropBucket: IBucket;
  abstract readonly resultsBucket: IBucket;
  abstract readonly eventBus: IEventBus;
  abstract readonly apiFunction: IFunction;
  // The CDK's own types disagree on whether an optional member may be undefined, hence both.
  abstract readonly httpApi?: HttpApi | IHttpApi;
  /** The scope of the rules of `onEvent`: their ids cannot collide with those of our own constructs. */
  private readonly rules: Construct;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.rules = new Construct(this, 'OnEvent');
  }

  /** Those of the deployment. */
  protected abstract deployedSources(): readonly Source[];

  /**
   * Allows a sender to drop scans below the prefix of a source: whole objects and multipart uploads, under the key of
   * the bucket.
   * @throws Error for a source that is not deployed, and for a grantee whose policies this app cannot write
   */
  grantDrop(grantee: IGrantable, sourceName: string): Grant {
    return grantPutBelow(grantee, this.dropBucket, this.sourceNamed(sourceName).prefix);
  }

  /**
   * Allows a reader to list and read results, of one source or of all.
   * @throws Error as `grantDrop` does
   */
  grantReadResults(grantee: IGrantable, sourceName?: string): Grant {
    // Results are below the name of the source, scans below its prefix.
    if (sourceName !== undefined) this.sourceNamed(sourceName);
    return grantReadBelow(grantee, this.resultsBucket, sourceName === undefined ? '' : `${sourceName}/`);
  }

  /**
   * Allows to read by the HTTP API: series, results, quarantine, dead letters. A deployment without API Gateway has its function
   * invoked, which cannot be limited to reading.
   * @throws Error as `grantDrop` does
   */
  grantInvokeApi(grantee: IGrantable): Grant {
    return this.grantCalls(grantee, ['GET/*']);
  }

  /**
   * Allows to retry series and to redrive dead letters by the HTTP API; reading is `grantInvokeApi`.
   * @throws Error as `grantDrop` does
   */
  grantRetry(grantee: IGrantable): Grant {
    return this.grantCalls(grantee, [
      'POST/v1/series/retry',
      'POST/v1/series/*/retry',
      'POST/v1/dead-letters/redrive',
    ]);
  }

  private grantCalls(grantee: IGrantable, calls: string[]): Grant {
    return grantCallsOf(grantee, { httpApi: this.httpApi, apiFunction: this.apiFunction, calls });
  }

  /**
   * A rule for events of this pipeline, which docs/automation.md describes. Delivery is at least once; `detail.eventId` is the
   * same for a repeated delivery. Give the target a dead-letter queue.
   * @throws Error for a filter that no event could pass, with every mistake
   */
  onEvent(id: string, props: OnEventProps): Rule {
    const sources = this.deployedSources();
    const products = sources.flatMap((source) => knownProducts(source).map(({ name }) => name));
    const deployed = { sources: sources.map(({ name }) => name), products: [...new Set(products)] };
    return eventRule(this.rules, id, { ...props, eventBus: this.eventBus, deployed });
  }

  protected override expectSource(sourceName: string): void {
    this.sourceNamed(sourceName);
  }

  protected sourceNamed(sourceName: string): Source {
    const sources = this.deployedSources();
    const found = sources.find(({ name }) => name === sourceName);
    if (found !== undefined) return found;
    const names = sources.map(({ name }) => name).join(', ');
    throw new Error(
      `Expected a deployed source (${names}), got "${sourceName}". Correct the name or deploy the source.`,
    );
  }
}

import { ArnFormat, Stack } from 'aws-cdk-lib';
import { HttpApi, type IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Source } from '../functions/sources/source.ts';
import { DEFAULT_SOURCES, type DeployedSource } from './constructs/sources.ts';
import { readSources } from './options/check-sources.ts';
import { refuse } from './options/mistakes-error.ts';
import { QureDropoffBase } from './qure-dropoff-base.ts';

/** A deployment of another app, by its outputs. It must be in the account and region of the stack. */
export interface QureDropoffAttributes {
  /** @default 'qure-dropoff' */
  readonly appName?: string;
  /** The output `DropBucketName`. */
  readonly dropBucketName: string;
  /** The output `ResultsBucketName`. */
  readonly resultsBucketName: string;
  /** The output `ApiFunctionName`. */
  readonly apiFunctionName: string;
  /** The first label of the host of the output `ApiUrl`. @default the deployment has no HTTP API */
  readonly httpApiId?: string;
  /** The output `DataKeyArn`, if the buckets are of the deployment; the grants include its use. @default no key */
  readonly dataKeyArn?: string;
  /** The output `EventBusName`. @default the default bus */
  readonly eventBusName?: string;
  /** Those of the deployment: their names and prefixes count. @default one source `default` */
  readonly sources?: readonly DeployedSource[];
}

/** A deployment that another app has made: for grants, events and metrics. */
export class ImportedQureDropoff extends QureDropoffBase {
  readonly appName: string;
  readonly dropBucket: IBucket;
  readonly resultsBucket: IBucket;
  readonly eventBus: IEventBus;
  readonly apiFunction: IFunction;
  readonly httpApi?: IHttpApi;
  private readonly sources: readonly Source[];

  /** @throws MistakesError with every mistake of the sources */
  constructor(scope: Construct, id: string, attributes: QureDropoffAttributes) {
    super(scope, id);
    const { appName = 'qure-dropoff', dataKeyArn, httpApiId, eventBusName = 'default' } = attributes;
    const { configured, mistakes } = readSources(appName, attributes.sources ?? DEFAULT_SOURCES);
    refuse('The attributes of QureDropoff have', mistakes);
    this.appName = appName;
    this.sources = configured.map(({ source }) => source);
    const key =
      dataKeyArn === undefined ? {} : { encryptionKey: Key.fromKeyArn(this, 'DataKey', dataKeyArn) };
    const bucketOf = (bucketId: string, bucketName: string) =>
      Bucket.fromBucketAttributes(this, bucketId, { bucketName, ...key });
    this.dropBucket = bucketOf('Drop', attributes.dropBucketName);
    this.resultsBucket = bucketOf('Results', attributes.resultsBucketName);
    this.eventBus = EventBus.fromEventBusName(this, 'EventBus', eventBusName);
    this.apiFunction = LambdaFunction.fromFunctionAttributes(this, 'ServeApi', {
      functionArn: Stack.of(this).formatArn({
        service: 'lambda',
        resource: 'function',
        resourceName: attributes.apiFunctionName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      sameEnvironment: true,
    });
    if (httpApiId !== undefined) this.httpApi = HttpApi.fromHttpApiAttributes(this, 'HttpApi', { httpApiId });
  }

  protected override deployedSources(): readonly Source[] {
    return this.sources;
  }
}

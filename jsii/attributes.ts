import type { DeployedSource } from './props';

/** A deployment of another app, by its outputs. It must be in the account and region of the stack. */
export interface QureDropoffAttributes {
  /**
   * The prefix of its names.
   * @default 'qure-dropoff'
   */
  readonly appName?: string;
  /** The output `DropBucketName`. */
  readonly dropBucketName: string;
  /** The output `ResultsBucketName`. */
  readonly resultsBucketName: string;
  /** The output `ApiFunctionName`. */
  readonly apiFunctionName: string;
  /**
   * The first label of the host of the output `ApiUrl`.
   * @default - the deployment has no HTTP API
   */
  readonly httpApiId?: string;
  /**
   * The output `DataKeyArn`, if the buckets are of the deployment.
   * @default - no key
   */
  readonly dataKeyArn?: string;
  /**
   * The output `EventBusName`.
   * @default - the default bus
   */
  readonly eventBusName?: string;
  /**
   * Those of the deployment: their names and prefixes count.
   * @default - one source `default`
   */
  readonly sources?: DeployedSource[];
}

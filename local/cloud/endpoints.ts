import { LOCAL_REGION } from './intrinsics.ts';

/** Base URLs of the local services, all on 127.0.0.1. */
export interface Endpoints {
  s3: string;
  sqs: string;
  dynamodb: string;
  eventBridge: string;
  ssm: string;
  secretsManager: string;
  kms: string;
}

/** Spread into the constructor of an AWS SDK client. */
export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export function clientConfig(endpoints: Endpoints, service: keyof Endpoints): ClientConfig {
  return {
    endpoint: endpoints[service],
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
}

/** Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". */
export function endpointVariables(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventBridge,
    AWS_ENDPOINT_URL_SSM: endpoints.ssm,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
  };
}

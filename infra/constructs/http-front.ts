import type { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { HTTP_API_THROTTLE } from '../limits.ts';

export interface HttpFrontProps {
  appName: string;
  apiFunction: IFunction;
  logRetention: RetentionDays;
  logEncryptionKey: IKey;
  /** Of the access log. */
  removalPolicy: RemovalPolicy;
}

/**
 * The HTTP API under the same paths as on one machine, for callers whose IAM policies allow `execute-api:Invoke` on it. Each request
 * has to be signed (Signature Version 4).
 */
export class HttpFront extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: HttpFrontProps) {
    super(scope, id);
    const integration = new HttpLambdaIntegration('ServeApi', props.apiFunction);
    this.api = new HttpApi(this, 'Api', {
      apiName: props.appName,
      description: 'qure-dropoff: series, results, quarantine, dead letters',
      // All paths: the function knows them, and answers 404 to the others.
      defaultIntegration: integration,
      defaultAuthorizer: new HttpIamAuthorizer(),
      createDefaultStage: false,
    });
    // IAM has method and path of a request only on a route that has them. This allows callers that may read, but not
    // act.
    this.api.addRoutes({ path: '/{proxy+}', methods: [HttpMethod.GET, HttpMethod.POST], integration });
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: props.logRetention,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: props.removalPolicy,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: HTTP_API_THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(LOGGED)),
      },
    });
  }
}

/**
 * Caller, time and status; no path, query string or body, because a caller may have written anything there. Source:
 * Amazon API Gateway developer guide, "Customize HTTP API access logs".
 */
const LOGGED = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  caller: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  functionError: '$context.integrationErrorMessage',
};

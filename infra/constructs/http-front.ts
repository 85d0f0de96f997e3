import { Aws, Fn, type RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { HTTP_API_THROTTLE } from '../limits.ts';
import type { SignInOptions } from '../options/sign-in.ts';
import { Validations } from './validations.ts';

export interface HttpFrontProps {
  appName: string;
  apiFunction: IFunction;
  logRetention: RetentionDays;
  logEncryptionKey: IKey;
  /** Of the access log. */
  removalPolicy: RemovalPolicy;
  /** Serves the page, and its own paths to people who have signed in. */
  signIn?: SignInOptions;
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
    if (props.signIn !== undefined) this.addConsole(props.signIn, integration);
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: vendedLogName(props.appName),
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
        format: AccessLogFormat.custom(
          JSON.stringify(props.signIn === undefined ? LOGGED : { ...LOGGED, ...LOGGED_OF_PEOPLE }),
        ),
      },
    });
  }

  /** The most specific route wins: nothing below `/console/v1/` gets to the function without a token that has been checked. */
  private addConsole(
    { issuer, clientId, audience }: SignInOptions,
    integration: HttpLambdaIntegration,
  ): void {
    const files = ['/', '/console/{proxy+}'].flatMap((path) =>
      this.api.addRoutes({
        path,
        methods: [HttpMethod.GET],
        integration,
        authorizer: new HttpNoneAuthorizer(),
      }),
    );
    for (const route of files) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'The files of the page, which hold no data and no secret: people sign in with them.',
      });
    }
    this.api.addRoutes({
      path: '/console/v1/{proxy+}',
      methods: [HttpMethod.ANY],
      integration,
      authorizer: new HttpJwtAuthorizer('SignIn', issuer, { jwtAudience: [...(audience ?? [clientId])] }),
    });
  }
}

/**
 * API Gateway allows itself to write each log group by name in one policy of the account and region, which holds 5,120 characters:
 * in an account with some dozens of APIs the first deployment would fail. Groups below `/aws/vendedlogs/` share one entry. The id
 * of the stack ends the name, because the group stays when its stack is deleted. Source: Amazon CloudWatch Logs user guide,
 * "Enabling logging from AWS services", log group resource policy size limit.
 */
function vendedLogName(appName: string): string {
  // arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id>
  return `/aws/vendedlogs/apigateway/${appName}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
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

const LOGGED_OF_PEOPLE = { person: '$context.authorizer.claims.sub' };

import { Aws, Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  CfnFunction,
  type Code,
  EventSourceMapping,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  RuntimeFamily,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ENV } from '../../functions/shared/environment.ts';
import { ONE_POLICY_FOR_ONE_ROLE } from './acknowledgements.ts';
import type { FunctionNetwork } from './function-network.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import { Validations } from './validations.ts';

/** By its name: an app's CDK that is older than this runtime has no constant for it. */
const NODE_24 = new Runtime('nodejs24.x', RuntimeFamily.NODEJS, { supportsInlineCode: true });

/** A name of an environment variable; see `functions/shared/environment.ts`. */
export type EnvironmentName = (typeof ENV)[keyof typeof ENV];

export interface PipelineFunctionProps {
  description: string;
  code: Code;
  timeoutSeconds: number;
  memoryMb: number;
  /** The function sends messages to its own queue, any number of times until a deadline of the series. */
  sendsToItself?: boolean;
  logRetention: RetentionDays;
  /** Encrypts the logs; its policy must allow CloudWatch Logs to use it. */
  logEncryptionKey: IKey;
  /** Of the logs. */
  removalPolicy: RemovalPolicy;
  /** Default: the function runs outside of any VPC. */
  network?: FunctionNetwork;
  /** Have X-Ray trace the function's work. */
  tracing: boolean;
  /** The region has recursive loop detection, and a setting for it. */
  recursionControl: boolean;
}

/**
 * One function with its own role and log group. The role may only write this log; the methods of `grants.ts` add the
 * permissions of a function, each together with its environment variable.
 */
export class PipelineFunction extends Construct {
  readonly function: LambdaFunction;
  readonly roleArn: string;
  readonly memoryMb: number;
  /** Minimized whatever the feature flags of the app are: a role takes 10,240 characters. */
  private readonly permissions = new PolicyDocument({ minimize: true });
  private mappings = 0;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: props.removalPolicy,
    });
    // Our own role: the one that the CDK makes has a managed policy for every log of the account.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Permissions: this.permissions },
    });
    this.roleArn = role.roleArn;
    this.memoryMb = props.memoryMb;
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: NODE_24,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMb,
      // Lambda takes a message that returns about 16 times for an infinite loop, and moves it to the dead letters. A
      // day of polling is a loop too, but it ends. Source: AWS Lambda developer guide, "Recursive loop detection".
      // Only where it differs from the default: some regions have no such control.
      ...(props.sendsToItself === true && props.recursionControl && { recursiveLoop: RecursiveLoop.ALLOW }),
      role,
      logGroup,
      ...(props.network && {
        vpc: props.network.vpc,
        vpcSubnets: props.network.vpcSubnets,
        securityGroups: props.network.securityGroups,
      }),
    });
    // The permissions are inline in the role, so a dependency on the role is enough.
    const resource = this.function.node.defaultChild;
    if (!(resource instanceof CfnFunction))
      throw new Error('Expected Function to be made of one AWS::Lambda::Function.');
    resource.addDeletionOverride('DependsOn');
    if (props.network !== undefined) this.allowNetwork();
    if (props.tracing) this.traceTo(resource);
    this.acknowledge(role, props);
  }

  /**
   * Lambda makes the network interfaces under the role of the function; the function's own code must not. Source: AWS
   * Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC": no resources other than
   * `*`, and the denial by the function that a call comes from. Any function: the role has only one, whose name is not
   * known yet.
   */
  private allowNetwork(): void {
    const actions = [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ];
    this.allow(actions, ['*']);
    this.permissions.addStatements(
      new PolicyStatement({
        effect: Effect.DENY,
        actions,
        resources: ['*'],
        conditions: {
          ArnLike: {
            'lambda:SourceFunctionArn': `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:*`,
          },
        },
      }),
    );
  }

  /** Not by the property `tracing`, which adds another policy to the role. */
  private traceTo(resource: CfnFunction): void {
    resource.tracingConfig = { mode: 'Active' };
    this.allow(['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], ['*']);
  }

  private acknowledge(role: Role, { network, tracing }: PipelineFunctionProps): void {
    Validations.of(role).acknowledge({
      id: 'HIPAA.Security-IAMNoInlinePolicy',
      reason: ONE_POLICY_FOR_ONE_ROLE,
    });
    if (network !== undefined || tracing) {
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'X-Ray and the network interfaces that Lambda makes in a VPC: AWS offers no narrower resource. A test checks these actions.',
      });
    }
    Validations.of(this.function).acknowledge(
      {
        id: 'HIPAA.Security-LambdaConcurrency',
        reason:
          'The maximum concurrency of each event source mapping limits it; with a reservation Lambda would throttle urgent series for routine ones.',
      },
      {
        id: 'HIPAA.Security-LambdaDLQ',
        reason:
          'Queues of functions have dead-letter queues. Other invocations are schedules, whose next run does the work, or API calls, whose caller gets the error.',
      },
    );
    if (network === undefined) {
      Validations.of(this.function).acknowledge({
        id: 'HIPAA.Security-LambdaInsideVPC',
        reason:
          'The functions call AWS and Qure over TLS and need no private resource. The property `network` puts them into a VPC.',
      });
    }
  }

  /** Sets an environment variable; the names are those of functions/shared/environment.ts. */
  addEnvironment(name: EnvironmentName, value: string): void {
    this.function.addEnvironment(name, value);
  }

  /** Adds to the role exactly these actions on exactly these resources. */
  allow(
    actions: readonly string[],
    resources: string[],
    conditions?: Record<string, Record<string, string>>,
  ): void {
    this.permissions.addStatements(
      new PolicyStatement({ actions: [...actions], resources, ...(conditions && { conditions }) }),
    );
  }

  /**
   * Makes the function a consumer of a queue, with the batches that `limits.ts` sets for the queue's stage. Each queue
   * has its own share of the function's concurrency, so none can use the share of another.
   */
  consumes(source: PipelineQueue): void {
    const { batchSize, maxConcurrency } = source.limits;
    this.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      [source.queue.queueArn],
    );
    // The id of the first mapping is older than the urgent queues.
    new EventSourceMapping(this, this.mappings === 0 ? 'Messages' : `${source.node.id}Messages`, {
      target: this.function,
      eventSourceArn: source.queue.queueArn,
      batchSize,
      // Written out: an update that leaves it out keeps the window of the version before.
      maxBatchingWindow: Duration.seconds(0),
      maxConcurrency,
      // One bad message must not cause the redelivery of the whole batch.
      reportBatchItemFailures: true,
    });
    this.mappings += 1;
  }
}

import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { SharedResources } from './grants.ts';

/** What a deployment has that people and the one-machine host need to know. */
export interface OutputParts extends Omit<SharedResources, 'appName' | 'metricsBySource' | 'table'> {
  table: { tableName: string };
  apiFunction: IFunction;
  canaryFunction?: IFunction;
  httpApi?: HttpApi;
  dropRoles: Readonly<Record<string, IRole>>;
}

/**
 * The outputs of a deployment, in its stack: their names are those of the documentation, after a prefix that distinguishes two
 * deployments of one stack.
 */
export function addOutputs(scope: Construct, dropoff: OutputParts, prefix: string): void {
  const stack = Stack.of(scope);
  for (const [name, value] of Object.entries(outputsOf(dropoff)))
    new CfnOutput(stack, `${prefix}${name}`, { value });
  // In a separate scope: ids that differ only in a dot or a hyphen get a hash, and stay different.
  const ofSources = new Construct(stack, `${prefix}DropRoleArn`);
  for (const [source, { roleArn }] of Object.entries(dropoff.dropRoles)) {
    new CfnOutput(ofSources, source, {
      value: roleArn,
      description: `The role with which the sender of ${source} drops`,
    });
  }
}

function outputsOf(dropoff: OutputParts): Record<string, string> {
  const { dropBucket, resultsBucket, keys, table, eventBus, sources } = dropoff;
  return {
    DropBucketName: dropBucket.bucketName,
    ResultsBucketName: resultsBucket.bucketName,
    DataKeyArn: keys.data.keyArn,
    MessagesKeyArn: keys.messages.keyArn,
    TableName: table.tableName,
    EventBusName: eventBus.eventBusName,
    IngestQueueArn: dropoff.ingestQueue.queue.queueArn,
    IngestQueueUrl: dropoff.ingestQueue.queue.queueUrl,
    CompletionQueueUrl: dropoff.completionQueue.queue.queueUrl,
    ComputeQueueUrl: dropoff.computeQueue.queue.queueUrl,
    ResultsQueueUrl: dropoff.resultsQueue.queue.queueUrl,
    UrgentComputeQueueUrl: dropoff.urgentComputeQueue.queue.queueUrl,
    UrgentResultsQueueUrl: dropoff.urgentResultsQueue.queue.queueUrl,
    SourcesPath: sources.path,
    SecretsPrefix: sources.secretsPrefix,
    PatientKeySecretName: dropoff.patientKey.secretName,
    ApiFunctionName: dropoff.apiFunction.functionName,
    ...(dropoff.canaryFunction && { CanaryFunctionName: dropoff.canaryFunction.functionName }),
    ...(dropoff.httpApi && { ApiUrl: dropoff.httpApi.apiEndpoint }),
  };
}

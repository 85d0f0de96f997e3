import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { QureDropoff, type QureDropoffProps } from './qure-dropoff.ts';

export interface QureDropoffStackProps
  extends Omit<StackProps, 'permissionsBoundary' | 'tags'>,
    Omit<QureDropoffProps, 'alarmTopic'> {
  /**
   * The ARN of an SNS topic that is notified when an alarm begins and ends.
   * @default none: alarms show in CloudWatch only
   */
  alarmTopicArn?: string;
}

/** The pipeline as a stack that is ready to deploy, with outputs for people and for the one-machine host. */
export class QureDropoffStack extends Stack {
  readonly dropoff: QureDropoff;

  constructor(scope: Construct, id: string, { alarmTopicArn, ...props }: QureDropoffStackProps = {}) {
    const { permissionsBoundary: _ofTheRoles, tags: _ofTheResources, ...stackProps } = props;
    super(scope, id, { description: 'qure-dropoff: scans in, findings back', ...stackProps });
    this.dropoff = new QureDropoff(this, 'Dropoff', {
      ...props,
      ...(alarmTopicArn && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
    });
    const { dropBucket, resultsBucket, keys, table, eventBus, sources, functions } = this.dropoff;
    const outputs = {
      DropBucketName: dropBucket.bucketName,
      ResultsBucketName: resultsBucket.bucketName,
      DataKeyArn: keys.data.keyArn,
      MessagesKeyArn: keys.messages.keyArn,
      TableName: table.tableName,
      EventBusName: eventBus.eventBusName,
      IngestQueueArn: this.dropoff.ingestQueue.queue.queueArn,
      IngestQueueUrl: this.dropoff.ingestQueue.queue.queueUrl,
      CompletionQueueUrl: this.dropoff.completionQueue.queue.queueUrl,
      ComputeQueueUrl: this.dropoff.computeQueue.queue.queueUrl,
      ResultsQueueUrl: this.dropoff.resultsQueue.queue.queueUrl,
      UrgentComputeQueueUrl: this.dropoff.urgentComputeQueue.queue.queueUrl,
      UrgentResultsQueueUrl: this.dropoff.urgentResultsQueue.queue.queueUrl,
      SourcesPath: sources.path,
      SecretsPrefix: sources.secretsPrefix,
      PatientKeySecretName: this.dropoff.patientKey.secretName,
      ApiFunctionName: functions.serveApi.function.functionName,
      ...(this.dropoff.canaryFunction && { CanaryFunctionName: this.dropoff.canaryFunction.functionName }),
      ...(this.dropoff.httpApi && { ApiUrl: this.dropoff.httpApi.apiEndpoint }),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
    // In a separate scope: ids that differ only in a dot or a hyphen get a hash, and stay different.
    const ofSources = new Construct(this, 'DropRoleArn');
    for (const [source, { roleArn }] of Object.entries(this.dropoff.dropRoles))
      new CfnOutput(ofSources, source, {
        value: roleArn,
        description: `The role with which the sender of ${source} drops`,
      });
  }
}

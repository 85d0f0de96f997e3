import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
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
    this.dropoff.addOutputs();
  }
}

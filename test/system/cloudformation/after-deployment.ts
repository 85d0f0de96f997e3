import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { ENV } from '../../../functions/shared/environment.ts';
import { ACCOUNT_ID, REGION } from './cdk-command.ts';
import type { Clients, DeployedStack } from './deployed-stack.ts';
import type { Template } from './emulated-template.ts';

/** As the operator fills it in after a deployment; the emulator's CloudFormation has no secrets. */
export async function putSecret(
  { secretsManager }: Clients,
  { functions }: DeployedStack,
  source: string,
  credentials: object,
): Promise<void> {
  const prefix = functions.flatMap(({ environment }) => environment[ENV.secretsPrefix] ?? [])[0];
  const SecretString = JSON.stringify(credentials);
  await secretsManager.send(new CreateSecretCommand({ Name: `${prefix}${source}`, SecretString }));
}

/** As CloudFormation generates it, for the same reason. */
export async function putPatientKey(
  { secretsManager }: Clients,
  { functions }: DeployedStack,
): Promise<void> {
  const Name = functions.flatMap(({ environment }) => environment[ENV.patientKeySecret] ?? [])[0];
  const SecretString = 'the patient key of an emulated deployment';
  await secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
}

/**
 * The emulator's CloudFormation passes over a bucket's notifications; its S3 does not. Exactly what the template says, in the
 * words of the API.
 */
export async function putNotifications(
  { s3 }: Clients,
  template: Template,
  { resources }: DeployedStack,
): Promise<void> {
  const [id = '', bucket] =
    Object.entries(template.Resources).find(
      ([, { Properties }]) => Properties?.['NotificationConfiguration'] !== undefined,
    ) ?? [];
  const stated = bucket?.Properties?.['NotificationConfiguration'] as {
    QueueConfigurations: { Event: string; Queue: { 'Fn::GetAtt': [string, 'Arn'] } }[];
  };
  const arnOf = (queueId: string) =>
    `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${resources.get(queueId)?.split('/').at(-1)}`;
  const QueueConfigurations = stated.QueueConfigurations.map(({ Event, Queue, ...rest }) => ({
    ...rest,
    Events: [Event as 's3:ObjectCreated:*'],
    QueueArn: arnOf(Queue['Fn::GetAtt'][0]),
  }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: resources.get(id),
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}

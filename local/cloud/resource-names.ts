import { type JsonObject, LOCAL_ACCOUNT_ID, LOCAL_REGION, type ResourceReference } from './intrinsics.ts';

/** A resource, unchanged from the template. */
export interface RawResource {
  Type: string;
  Properties: JsonObject;
  Metadata: JsonObject;
}

export type PhysicalNames = Readonly<Record<string, string>>;

/** The URL of a local queue. Consumers find queues by its last segment; host and port may change. */
export function localQueueUrl(queueName: string, sqsUrl: string): string {
  return `${sqsUrl}/${LOCAL_ACCOUNT_ID}/${queueName}`;
}

/**
 * The local name of a resource: the one in `names`, otherwise the one in plain text in the template, otherwise the
 * logical id (in lower case for a bucket, as S3 requires).
 */
export function physicalName(id: string, resource: RawResource, names: PhysicalNames): string {
  const property = NAME_PROPERTY[resource.Type];
  const stated = property === undefined ? undefined : resource.Properties[property];
  const name = names[id] ?? (typeof stated === 'string' ? stated : id);
  return resource.Type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
}

/** The values of Ref and Fn::GetAtt for it. A type that is not listed has its name and a plain ARN. */
export function referenceTo(
  id: string,
  resource: RawResource,
  names: PhysicalNames,
  sqsUrl: string,
): ResourceReference {
  const name = physicalName(id, resource, names);
  switch (resource.Type) {
    case 'AWS::S3::Bucket':
      return {
        ref: name,
        attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: `${name}.s3.amazonaws.com` },
      };
    case 'AWS::SQS::Queue':
      return {
        ref: localQueueUrl(name, sqsUrl),
        attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: localQueueUrl(name, sqsUrl) },
      };
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
    case 'AWS::Lambda::Function':
      return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
    case 'AWS::Events::EventBus':
      return { ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } };
    case 'AWS::SecretsManager::Secret': {
      const secretArn = arn('secretsmanager', `secret:${name}`);
      return { ref: secretArn, attributes: { Id: secretArn } };
    }
    default:
      return { ref: name, attributes: { Arn: arn('local', name), Name: name, Id: name } };
  }
}

function arn(service: string, path: string): string {
  return `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${path}`;
}

const NAME_PROPERTY: Record<string, string | undefined> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Events::EventBus': 'Name',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SSM::Parameter': 'Name',
};

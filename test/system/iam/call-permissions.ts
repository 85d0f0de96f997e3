/** One call of a function, as its SDK sends it. */
export interface RecordedCall {
  /** As `infra/function-names.ts` has it. */
  functionName: string;
  /** `dynamodb`, `s3`, `sqs`, `events`, `ssm` or `secretsmanager`. */
  service: string;
  /** The name in the AWS API reference. */
  operation: string;
  input: Readonly<Record<string, unknown>>;
  /** The service answered that there is nothing of that name. */
  isMissing: boolean;
}

/** What a role has to allow. */
export interface Need {
  action: string;
  /** As the call names it: a table, bucket, key, URL, path or name of the world that it was recorded in. */
  target: Target;
  /** Condition keys and their values. */
  context: Readonly<Record<string, string | string[]>>;
}

export type Target =
  | { kind: 'table'; name: string; index?: string }
  | { kind: 'bucket'; name: string; key?: string }
  | { kind: 'queue'; url: string }
  | { kind: 'eventBus'; name: string }
  | { kind: 'parameters'; path: string }
  | { kind: 'secret'; name: string }
  /** The key that this thing is encrypted under, used through its service. */
  | { kind: 'keyOf'; thing: Target; service: string };

/**
 * What IAM asks for, by the operation that is called. Source: AWS service authorization reference, one page for each service.
 * An operation that stands not here fails the test: whoever calls it looks up what it needs.
 */
const ACTIONS: Readonly<Record<string, string>> = {
  'dynamodb GetItem': 'dynamodb:GetItem',
  'dynamodb BatchGetItem': 'dynamodb:BatchGetItem',
  'dynamodb Query': 'dynamodb:Query',
  'dynamodb PutItem': 'dynamodb:PutItem',
  'dynamodb UpdateItem': 'dynamodb:UpdateItem',
  'dynamodb DeleteItem': 'dynamodb:DeleteItem',
  'dynamodb BatchWriteItem': 'dynamodb:BatchWriteItem',
  's3 GetObject': 's3:GetObject',
  's3 HeadObject': 's3:GetObject',
  's3 ListObjectsV2': 's3:ListBucket',
  's3 PutObject': 's3:PutObject',
  's3 CreateMultipartUpload': 's3:PutObject',
  's3 UploadPart': 's3:PutObject',
  's3 CompleteMultipartUpload': 's3:PutObject',
  's3 PutObjectTagging': 's3:PutObjectTagging',
  's3 AbortMultipartUpload': 's3:AbortMultipartUpload',
  'sqs SendMessage': 'sqs:SendMessage',
  'sqs SendMessageBatch': 'sqs:SendMessage',
  'sqs ReceiveMessage': 'sqs:ReceiveMessage',
  'sqs DeleteMessage': 'sqs:DeleteMessage',
  'sqs DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs ChangeMessageVisibility': 'sqs:ChangeMessageVisibility',
  'sqs ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs GetQueueAttributes': 'sqs:GetQueueAttributes',
  'events PutEvents': 'events:PutEvents',
  'ssm GetParametersByPath': 'ssm:GetParametersByPath',
  'secretsmanager GetSecretValue': 'secretsmanager:GetSecretValue',
};

/** @throws Error for an operation that `ACTIONS` does not name */
export function needsOf(call: RecordedCall): Need[] {
  const { functionName, service, operation } = call;
  const action = ACTIONS[`${service} ${operation}`];
  if (action === undefined)
    throw new Error(
      `${functionName} calls ${service} ${operation}: expected it in ACTIONS. Look up which action it needs.`,
    );
  const context = contextOf(call);
  return targetsOf(call).flatMap((thing) => [
    ...actionsOn(thing, action, call).map((one): Need => ({ ...one, context })),
    ...keyActionsOf(call).map((keyAction): Need => {
      return { action: keyAction, target: { kind: 'keyOf', thing, service }, context: {} };
    }),
  ]);
}

/**
 * Source: Amazon S3 API reference, GetObject, "Permissions": a version has an action of its own, and who may not list gets 403
 * instead of 404 for what is not there.
 */
function actionsOn(
  thing: Target,
  action: string,
  { input, isMissing }: RecordedCall,
): { action: string; target: Target }[] {
  if (thing.kind !== 'bucket') return [{ action, target: thing }];
  const own = { action: input['VersionId'] === undefined ? action : `${action}Version`, target: thing };
  if (!isMissing) return [own];
  return [own, { action: 's3:ListBucket', target: { kind: 'bucket', name: thing.name } }];
}

function targetsOf({ service, input }: RecordedCall): Target[] {
  const text = (name: string) => String(input[name]);
  switch (service) {
    case 'dynamodb': {
      const batch = Object.keys((input['RequestItems'] as object | undefined) ?? {});
      if (batch.length > 0) return batch.map((name) => ({ kind: 'table', name }));
      const index = input['IndexName'];
      return [
        { kind: 'table', name: text('TableName'), ...(index === undefined ? {} : { index: String(index) }) },
      ];
    }
    case 's3': {
      const key = input['Key'];
      return [{ kind: 'bucket', name: text('Bucket'), ...(key === undefined ? {} : { key: String(key) }) }];
    }
    case 'sqs':
      return [{ kind: 'queue', url: text('QueueUrl') }];
    case 'events':
      return [...new Set(entriesOf(input).map(({ EventBusName: name = 'default' }) => name))].map((name) => ({
        kind: 'eventBus',
        name,
      }));
    case 'ssm':
      return [{ kind: 'parameters', path: text('Path') }];
    case 'secretsmanager':
      return [{ kind: 'secret', name: text('SecretId') }];
    default:
      throw new Error(`expected a service that the functions call, got ${service}`);
  }
}

/** Every call is over TLS. Source: Amazon EventBridge user guide, "Using IAM policy conditions" for PutEvents. */
function contextOf({ service, operation, input }: RecordedCall): Need['context'] {
  const always = { 'aws:SecureTransport': 'true' };
  if (service === 's3') {
    const isList = operation === 'ListObjectsV2';
    return {
      ...always,
      's3:TlsVersion': '1.3',
      ...(isList && { 's3:prefix': String(input['Prefix'] ?? '') }),
    };
  }
  if (service !== 'events') return always;
  const all = (values: (string | undefined)[]) => [...new Set(values.map((value) => value ?? ''))];
  return {
    ...always,
    'events:source': all(entriesOf(input).map(({ Source }) => Source)),
    'events:detail-type': all(entriesOf(input).map(({ DetailType }) => DetailType)),
  };
}

function entriesOf(input: RecordedCall['input']) {
  return input['Entries'] as { EventBusName?: string; Source?: string; DetailType?: string }[];
}

/**
 * What the service does with the key of the data, in the caller's name and through itself. Sources: Amazon S3 user guide, "SSE-KMS
 * permissions"; Amazon SQS developer guide, "Key management"; Amazon DynamoDB developer guide, "Encryption at rest: usage notes"
 * (all of them for whoever uses the table); AWS Secrets Manager user guide, "Secret encryption and decryption".
 */
function keyActionsOf({ service, operation }: RecordedCall): string[] {
  switch (`${service} ${operation}`) {
    case 's3 GetObject':
    case 's3 HeadObject':
    case 'sqs ReceiveMessage':
    case 'secretsmanager GetSecretValue':
      return ['kms:Decrypt'];
    // The buckets have S3 Bucket Keys, under which a writer decrypts the data key of the bucket.
    case 's3 PutObject':
    case 's3 CreateMultipartUpload':
    case 's3 UploadPart':
    case 's3 CompleteMultipartUpload':
    case 'sqs SendMessage':
    case 'sqs SendMessageBatch':
      return ['kms:GenerateDataKey', 'kms:Decrypt'];
    default:
      return service === 'dynamodb' ? TABLE_KEY_ACTIONS : [];
  }
}

const TABLE_KEY_ACTIONS = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET_KEY_ARN, deploy, deployWith, KEY_ARN } from './deployments.ts';
import { listOf, type Statement, type SynthesizedTemplate, statementsOf } from './synthesized-template.ts';

/** What a role allows on resources whose text holds one of these. */
function actionsOn(statements: Statement[], part: string): string[] {
  return statements
    .filter(({ Resource }) => JSON.stringify(Resource).includes(part))
    .flatMap(({ Action }) => listOf(Action))
    .toSorted();
}

function keyStatements(template: SynthesizedTemplate, idPrefix: string): Statement[] {
  const [, { Properties }] = template.one('AWS::KMS::Key', idPrefix);
  return statementsOf(Properties.KeyPolicy);
}

function principalsOf(statements: Statement[]): unknown[] {
  return statements.map(({ Principal }) => (Principal as { Service?: unknown }).Service).filter(Boolean);
}

const LOGS = { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] };

describe.each(['a bucket by EventBridge', 'a bucket by SQS'] as const)('%s', (name) => {
  const template = deploy(name).template();

  it('is not created: only the one for results is', () => {
    const ids = template.ofType('AWS::S3::Bucket').map(([id]) => id);
    expect(ids).toEqual([
      expect.stringMatching(/^DropoffAccessLogs/),
      expect.stringMatching(/^DropoffResults/),
    ]);
  });

  it.each([{ fn: 'IndexInstances' }, { fn: 'CheckCompletion' }, { fn: 'Compute' }, { fn: 'Reconcile' }])(
    'is read by $fn, with the key of the bucket through S3 only',
    ({ fn }) => {
      const statements = template.permissionsOf(`DropoffFunctions${fn}`);
      expect(actionsOn(statements, ':s3:::our-scans')).toEqual([
        's3:GetObject',
        's3:GetObjectVersion',
        's3:ListBucket',
      ]);
      const withKey = statements.filter(({ Resource }) => Resource === BUCKET_KEY_ARN);
      expect(withKey).toEqual([
        {
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: BUCKET_KEY_ARN,
          Condition: {
            StringEquals: {
              'kms:ViaService': {
                'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
              },
            },
          },
        },
      ]);
    },
  );

  it('is written by the API alone, which signs links for uploads', () => {
    const writers = template
      .ofType('AWS::IAM::Role')
      .map(([id]) => id.replace(/Role[0-9A-F]*$/, ''))
      .filter((id) => actionsOn(template.permissionsOf(id), ':s3:::our-scans').includes('s3:PutObject'));
    expect(writers).toEqual(['DropoffFunctionsServeApi']);
  });
});

describe('a bucket by EventBridge', () => {
  const template = deploy('a bucket by EventBridge').template();
  const [ruleId, rule] = template.one('AWS::Events::Rule', 'DropoffDropEvents');
  const [queueId] = template.one('AWS::SQS::Queue', 'DropoffIngestQueue');
  const [deadId] = template.one('AWS::SQS::Queue', 'DropoffIngestDeadLetters');

  it('has a rule on the default bus for its new objects alone', () => {
    expect(rule.Properties).toMatchObject({
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: ['our-scans'] }, object: { key: [{ prefix: 'default/' }] } },
      },
      State: 'ENABLED',
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [queueId, 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [deadId, 'Arn'] } },
        },
      ],
    });
    expect(rule.Properties).not.toHaveProperty('EventBusName');
  });

  it('has a rule for every object where that is asked for', () => {
    const all = deployWith((scope) => ({
      dropBucket: {
        bucket: Bucket.fromBucketName(scope, 'OldScans', 'our-scans'),
        notifications: 'eventbridge',
        filtersByPrefix: false,
      },
    })).template();
    expect(all.one('AWS::Events::Rule', 'DropoffDropEvents')[1].Properties.EventPattern).toMatchObject({
      detail: { bucket: { name: ['our-scans'] } },
    });
    expect(JSON.stringify(all.ofType('AWS::Events::Rule'))).not.toContain('"prefix"');
  });

  it('has as many rules as its prefixes need, each below what EventBridge takes, and its queue accepts each', () => {
    const prefixes = Array.from({ length: 60 }, (_, at) => `${'long-name-of-a-hospital/'.repeat(4)}${at}/`);
    const many = deployWith((scope) => ({
      sources: prefixes.map((prefix, at) => ({ name: `s${at}`, document: { prefix } })),
      dropBucket: {
        bucket: Bucket.fromBucketName(scope, 'OldScans', 'a'.repeat(63)),
        notifications: 'eventbridge',
      },
    })).template();
    const rules = many.ofType('AWS::Events::Rule').filter(([id]) => id.startsWith('DropoffDropEvents'));
    expect(rules.length).toBeGreaterThan(1);
    const found = rules.flatMap(([, { Properties }]) => {
      expect(JSON.stringify(Properties.EventPattern).length).toBeLessThanOrEqual(2048);
      const { detail } = Properties.EventPattern as { detail: { object: { key: { prefix: string }[] } } };
      return detail.object.key.map(({ prefix }) => prefix);
    });
    expect(found).toEqual(prefixes);
    const [queue] = many.one('AWS::SQS::Queue', 'DropoffIngestQueue');
    const policy = many.policyOf('AWS::SQS::QueuePolicy', queue);
    const allowed = policy.filter(({ Effect }) => Effect === 'Allow');
    expect(many.referencesOf(allowed).filter((id) => id.startsWith('DropoffDropEvents'))).toEqual(
      rules.map(([id]) => id),
    );
  });

  it('has queues that accept this rule of this account, and not S3', () => {
    for (const id of [queueId, deadId]) {
      const allowed = template
        .policyOf('AWS::SQS::QueuePolicy', id)
        .filter(({ Effect }) => Effect === 'Allow');
      expect(allowed).toEqual([
        {
          Sid: 'EventsOfTheDropBucket',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: { 'Fn::GetAtt': [id, 'Arn'] },
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [ruleId, 'Arn'] } },
          },
        },
      ]);
    }
  });

  it('lets EventBridge of this account use the key for messages, and no other key', () => {
    const messages = keyStatements(template, 'DropoffKeysMessages');
    expect(principalsOf(messages)).toEqual([LOGS, 'events.amazonaws.com']);
    expect(messages.at(-1)).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(principalsOf(keyStatements(template, 'DropoffKeysData'))).toEqual([]);
  });
});

describe('a bucket by SQS', () => {
  const template = deploy('a bucket by SQS').template();
  const [queueId] = template.one('AWS::SQS::Queue', 'DropoffIngestQueue');
  const fromTheBucket = {
    Principal: { Service: 's3.amazonaws.com' },
    Condition: {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      ArnLike: {
        'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::our-scans']] },
      },
    },
  };

  it('may send to the ingest queue and use its key', () => {
    const allowed = template
      .policyOf('AWS::SQS::QueuePolicy', queueId)
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([{ ...fromTheBucket, Action: 'sqs:SendMessage' }]);
    expect(keyStatements(template, 'DropoffKeysMessages').at(-1)).toMatchObject({
      ...fromTheBucket,
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    });
  });

  it('needs no rule', () => {
    expect(template.ofType('AWS::Events::Rule').filter(([id]) => id.includes('DropEvents'))).toEqual([]);
  });
});

describe('both buckets', () => {
  const template = deploy('both buckets').template();

  it('need no new bucket, not even for access logs', () => {
    expect(template.ofType('AWS::S3::Bucket')).toEqual([]);
  });

  it.each([
    { fn: 'Compute', actions: [] },
    {
      fn: 'PollResults',
      actions: [
        's3:AbortMultipartUpload',
        's3:GetObject',
        's3:ListBucket',
        's3:PutObject',
        's3:PutObjectTagging',
      ],
    },
  ])('grant $fn the calls that it makes of the results, and no other', ({ fn, actions }) => {
    const statements = template.permissionsOf(`DropoffFunctions${fn}`);
    expect(actionsOn(statements, ':s3:::our-results').toSorted()).toEqual(actions);
  });

  it('grant the use of no key if they have none', () => {
    const statements = template.permissionsOf('DropoffFunctionsPollResults');
    const services = statements.flatMap(({ Condition }) => JSON.stringify(Condition?.StringEquals ?? {}));
    expect(services.filter((text) => text.includes('"s3.'))).toEqual([]);
  });
});

describe('an imported key', () => {
  const template = deploy('an imported key').template();

  it('is the only key, of every resource that can have one', () => {
    expect(template.ofType('AWS::KMS::Key')).toEqual([]);
    const places: Record<string, (properties: Record<string, unknown>) => unknown> = {
      'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
      'AWS::DynamoDB::Table': ({ SSESpecification }) => SSESpecification,
      'AWS::SecretsManager::Secret': ({ KmsKeyId }) => KmsKeyId,
      'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
    };
    for (const [type, keyOf] of Object.entries(places)) {
      const found = template.ofType(type);
      expect(found.length).toBeGreaterThan(0);
      for (const [, { Properties }] of found) expect(JSON.stringify(keyOf(Properties))).toContain(KEY_ARN);
    }
    for (const [, { Properties }] of template
      .ofType('AWS::S3::Bucket')
      .filter(([id]) => !id.includes('AccessLogs')))
      expect(JSON.stringify(Properties.BucketEncryption)).toContain(KEY_ARN);
  });
});

describe('a key of the app', () => {
  const statements = keyStatements(deploy('a key of the app').template(), 'OurKey');

  it('gets only the statements that logs and notifications need', () => {
    expect(principalsOf(statements)).toEqual([LOGS, 'events.amazonaws.com']);
  });
});

describe('a key for the logs alone', () => {
  const template = deployWith((scope) => ({ logEncryptionKey: new Key(scope, 'LogKey') })).template();

  it('gets the statement for CloudWatch Logs; the key for messages does not', () => {
    expect(principalsOf(keyStatements(template, 'LogKey'))).toEqual([LOGS]);
    expect(principalsOf(keyStatements(template, 'DropoffKeysMessages'))).toEqual(['s3.amazonaws.com']);
  });

  it('encrypts every log', () => {
    const [keyId] = template.one('AWS::KMS::Key', 'LogKey');
    for (const [, { Properties }] of template.ofType('AWS::Logs::LogGroup'))
      expect(Properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [keyId, 'Arn'] });
  });
});

describe('a trial', () => {
  const template = deploy('a trial').template();

  it('retains nothing, and does not empty buckets', () => {
    const kept = Object.entries(template.resources).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete',
    );
    expect(kept.map(([id]) => id)).toEqual([]);
    const [, table] = template.one('AWS::DynamoDB::Table', 'DropoffSeries');
    expect(table.Properties.DeletionProtectionEnabled).toBe(false);
    expect(Object.values(template.resources).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
  });

  it('has its tags beside ours, and its boundary on every role', () => {
    const [, { Properties }] = template.one('AWS::DynamoDB::Table', 'DropoffSeries');
    expect(Properties.Tags).toEqual([
      { Key: 'cost-centre', Value: 'radiology' },
      { Key: 'project', Value: 'qure-dropoff' },
    ]);
    const roles = template.ofType('AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(0);
    for (const [, role] of roles)
      expect(JSON.stringify(role.Properties.PermissionsBoundary)).toContain(':policy/hospital-boundary');
  });
});

describe('unless it is a trial', () => {
  it('retains every resource that holds data, logs too', () => {
    const template = deploy('default').template();
    for (const type of [
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::SecretsManager::Secret',
      'AWS::Logs::LogGroup',
    ])
      for (const [, { DeletionPolicy }] of template.ofType(type))
        expect(DeletionPolicy).toBe('RetainExceptOnCreate');
  });
});

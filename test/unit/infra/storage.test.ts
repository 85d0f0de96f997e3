import { describe, expect, it } from 'vitest';
import { type RoutingRule, routingRule } from '../../../functions/core/routing/rules.ts';
import { listOf, synthesize } from './synthesized-template.ts';

const template = synthesize();
const tlsOnly = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

describe('every bucket', () => {
  it.each(template.ofType('AWS::S3::Bucket'))(
    '%s is private, versioned, TLS only and outlives the stack',
    (id, bucket) => {
      expect(bucket.Properties).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        VersioningConfiguration: { Status: 'Enabled' },
      });
      expect(template.policyOf('AWS::S3::BucketPolicy', id)).toContainEqual(expect.objectContaining(tlsOnly));
      expect(bucket.DeletionPolicy).toBe('RetainExceptOnCreate');
      expect(bucket.UpdateReplacePolicy).toBe('Retain');
    },
  );

  it.each(template.ofType('AWS::S3::Bucket'))(
    '%s drops abandoned uploads and old versions',
    (_id, bucket) => {
      const { Rules } = bucket.Properties.LifecycleConfiguration as { Rules: Record<string, unknown>[] };
      expect(Rules).toContainEqual(
        expect.objectContaining({
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        }),
      );
    },
  );

  it('REQ-PRIV-2: of scans or results is encrypted under the key for data and logs its accesses', () => {
    const [keyId] = template.one('AWS::KMS::Key', 'DropoffKeysData');
    const [logsId] = template.one('AWS::S3::Bucket', 'DropoffAccessLogs');
    for (const prefix of ['DropoffDrop', 'DropoffResults']) {
      const [, { Properties }] = template.one('AWS::S3::Bucket', prefix);
      expect(Properties.BucketEncryption).toEqual({
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: {
              SSEAlgorithm: 'aws:kms',
              KMSMasterKeyID: { 'Fn::GetAtt': [keyId, 'Arn'] },
            },
          },
        ],
      });
      expect(Properties.LoggingConfiguration).toMatchObject({ DestinationBucketName: { Ref: logsId } });
    }
  });

  it('of scans or results keeps current objects: nothing expires by itself', () => {
    for (const prefix of ['DropoffDrop', 'DropoffResults']) {
      const [, { Properties }] = template.one('AWS::S3::Bucket', prefix);
      expect(JSON.stringify(Properties.LifecycleConfiguration)).not.toContain('ExpirationInDays');
    }
  });
});

describe('the access logs', () => {
  const readersOf = (props: Parameters<typeof synthesize>[0]) => {
    const deployed = synthesize(props);
    const [id] = deployed.one('AWS::S3::Bucket', 'DropoffAccessLogs');
    return deployed
      .policyOf('AWS::S3::BucketPolicy', id)
      .filter(({ Action }) => Action === 's3:GetObject*')
      .map(({ Effect, Principal, Condition }) => ({ Effect, Principal, Condition }));
  };
  const root = {
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']],
  };
  const auditor = 'arn:aws:iam::111111111111:role/Auditor*';

  it.each([
    { who: 'the root user alone', props: {}, readers: [root] },
    {
      who: 'those that the deployment names',
      props: { accessLogReaderArns: [auditor] },
      readers: [root, auditor],
    },
  ])('are read by $who', ({ props, readers }) => {
    expect(readersOf(props)).toEqual([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Condition: { ArnNotLike: { 'aws:PrincipalArn': readers } },
      },
    ]);
  });
});

describe('the notifications of the drop bucket', () => {
  const [bucketId, bucket] = template.one('AWS::S3::Bucket', 'DropoffDrop');
  const [queueId] = template.one('AWS::SQS::Queue', 'DropoffIngestQueue');

  it('go to the ingest queue for every object that is created', () => {
    expect(bucket.Properties.NotificationConfiguration).toEqual({
      QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: { 'Fn::GetAtt': [queueId, 'Arn'] } }],
    });
  });

  it('wait for the queue policy that lets this bucket of this account send', () => {
    const [policyId] = template.one('AWS::SQS::QueuePolicy', 'DropoffIngestQueue');
    expect(listOf(bucket.DependsOn)).toContain(policyId);
    const [notifications] = template
      .policyOf('AWS::SQS::QueuePolicy', queueId)
      .filter(({ Effect }) => Effect === 'Allow');
    expect(notifications).toMatchObject({
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Condition: {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnLike: { 'aws:SourceArn': arnOf(bucket.Properties.BucketName) },
      },
    });
  });

  it('may use the key for messages and no other one', () => {
    const users = template
      .ofType('AWS::KMS::Key')
      .filter(([, { Properties }]) => JSON.stringify(Properties.KeyPolicy).includes('s3.amazonaws.com'));
    expect(users.map(([id]) => id)).toEqual([expect.stringMatching(/^DropoffKeysMessages/)]);
  });

  it('come from no other bucket', () => {
    const others = template.ofType('AWS::S3::Bucket').filter(([id]) => id !== bucketId);
    for (const [, other] of others) expect(other.Properties).not.toHaveProperty('NotificationConfiguration');
  });
});

describe('the table', () => {
  const [, table] = template.one('AWS::DynamoDB::Table', 'DropoffSeries');

  it('is protected, recoverable, encrypted and billed by request', () => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    expect(table.DeletionPolicy).toBe('Retain');
    expect(table.UpdateReplacePolicy).toBe('Retain');
  });

  it.each([
    { index: 'byDue', hash: 'dueShard', range: 'dueAt' },
    { index: 'byState', hash: 'state', range: 'changedAt' },
    { index: 'byStudy', hash: 'studyInstanceUid', range: 'seriesInstanceUid' },
    { index: 'bySeries', hash: 'seriesInstanceUid', range: 'source' },
  ])('has the index $index by $hash and $range, keys only', ({ index, hash, range }) => {
    expect(table.Properties.GlobalSecondaryIndexes).toContainEqual({
      IndexName: index,
      KeySchema: [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: range, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    });
  });
});

describe('every key', () => {
  it.each(template.ofType('AWS::KMS::Key'))('%s rotates and outlives the stack', (_id, key) => {
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(key.UpdateReplacePolicy).toBe('Retain');
    expect(key.DeletionPolicy).toBe('RetainExceptOnCreate');
  });
});

describe('the patient key', () => {
  const [, { Properties, UpdateReplacePolicy }] = template.one(
    'AWS::SecretsManager::Secret',
    'DropoffPatientKey',
  );

  it('is generated, and stays as it is: under another key the hashes of before say nothing', () => {
    expect(Properties.GenerateSecretString).toEqual({ ExcludePunctuation: true, PasswordLength: 64 });
    expect(Properties).not.toHaveProperty('SecretString');
    expect(UpdateReplacePolicy).toBe('Retain');
  });

  it('is not among the secrets of the sources, which other functions may read', () => {
    expect(Properties.Name).toBe('qure-dropoff-patient-key');
  });
});

describe('a source', () => {
  const sources = [
    { name: 'north', document: { prefix: 'north/', quietPeriodSeconds: 90 } },
    { name: 'south.2', document: {} },
  ];
  const withSources = synthesize({ sources });
  const secretsOf = (deployment: typeof withSources) =>
    deployment.ofType('AWS::SecretsManager::Secret').filter(([id]) => id.startsWith('DropoffSources'));

  it('is a parameter without credentials and a secret of its own', () => {
    const parameters = withSources.ofType('AWS::SSM::Parameter').map(([, { Properties }]) => Properties);
    expect(parameters).toMatchObject([
      { Name: '/qure-dropoff/sources/north', Value: '{"prefix":"north/","quietPeriodSeconds":90}' },
      { Name: '/qure-dropoff/sources/south.2', Value: '{}' },
    ]);
    const secrets = secretsOf(withSources).map(([, { Properties }]) => Properties);
    expect(secrets).toMatchObject([{ Name: 'qure-dropoff/north' }, { Name: 'qure-dropoff/south.2' }]);
  });

  it('keeps its secret when another source goes', () => {
    const before = secretsOf(withSources).map(([id]) => id);
    const after = secretsOf(synthesize({ sources: sources.slice(1) }));
    expect(before).toContain(after[0]?.[0]);
  });

  it('has a secret whose generated value never changes: a new one would replace the credentials', () => {
    for (const [, secret] of secretsOf(withSources)) {
      expect(secret.Properties.GenerateSecretString).toEqual({
        SecretStringTemplate: '{"baseUrl":"","token":"","source":""}',
        GenerateStringKey: 'placeholder',
      });
      expect(secret.Properties).not.toHaveProperty('SecretString');
      expect(secret.UpdateReplacePolicy).toBe('Retain');
    }
  });

  it.each([
    { why: 'no source', props: { sources: [] }, message: /at least one source/ },
    {
      why: 'a document that no parameter can hold',
      props: { sources: [{ name: 'a', document: { rules: manyRules(120) } }] },
      message: /at most 8192 bytes for source "a", got \d{4,5}\. Shorten its rules/,
    },
    { why: 'an app name in capitals', props: { appName: 'QureDropoff' }, message: /got "QureDropoff"/ },
    { why: 'an app name too long for a bucket', props: { appName: 'a'.repeat(21) }, message: /3 to 20/ },
  ])('is refused for $why', ({ props, message }) => {
    expect(() => synthesize(props)).toThrow(message);
  });
});

function manyRules(count: number): RoutingRule[] {
  return Array.from({ length: count }, (_, at) =>
    routingRule(`Rule no. ${at}`, { seriesDescription: ['SAGITTAL'] }, { skip: 'filtered' }),
  );
}

/** The ARN that a bucket of this `Fn::Join` name has. */
function arnOf(bucketName: unknown): unknown {
  const { 'Fn::Join': join } = bucketName as { 'Fn::Join': [string, unknown[]] };
  const [first, ...rest] = join[1];
  return { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${String(first)}`, ...rest]] };
}

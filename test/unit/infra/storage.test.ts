import { describe, expect, it } from 'vitest';
import { type RoutingRule, routingRule } from '../../../functions/routing/rules.ts';
import { listOf, synthesize } from './synthesized-template.ts';

const template = synthesize();
const tlsOnly = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

/** What outlives the stack, and under which ids, names and keys, is held by `upgrade/`. */
describe('every bucket', () => {
  it.each(template.ofType('AWS::S3::Bucket'))('%s is private, versioned and TLS only', (id, bucket) => {
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
  });

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

  it('of results has no expiry of current objects by default', () => {
    const [, { Properties }] = template.one('AWS::S3::Bucket', 'DropoffResults');
    expect(JSON.stringify(Properties.LifecycleConfiguration)).not.toContain('ExpirationInDays');
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

  it('depend on the queue policy that lets this bucket of this account send', () => {
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

  it('can use the key for messages and no other key', () => {
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
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
  });
});

it('asks for the throughput of the table that was given, and for none otherwise', () => {
  const warmThroughput = { readUnitsPerSecond: 20_000, writeUnitsPerSecond: 10_000 };
  const [, given] = synthesize({ warmThroughput }).one('AWS::DynamoDB::Table', 'DropoffSeries');
  expect(given.Properties.WarmThroughput).toEqual({
    ReadUnitsPerSecond: 20_000,
    WriteUnitsPerSecond: 10_000,
  });
  const [, standard] = template.one('AWS::DynamoDB::Table', 'DropoffSeries');
  expect(standard.Properties).not.toHaveProperty('WarmThroughput');
});

describe('every key', () => {
  it.each(template.ofType('AWS::KMS::Key'))('%s rotates', (_id, key) => {
    expect(key.Properties.EnableKeyRotation).toBe(true);
  });
});

it('has no secret with a value in the template', () => {
  for (const [, { Properties }] of template.ofType('AWS::SecretsManager::Secret'))
    expect(Properties).not.toHaveProperty('SecretString');
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
    const kept = '"retention":{"scanDays":30}';
    expect(parameters).toMatchObject([
      { Name: '/qure-dropoff/sources/north', Value: `{"prefix":"north/","quietPeriodSeconds":90,${kept}}` },
      { Name: '/qure-dropoff/sources/south.2', Value: `{${kept}}` },
    ]);
    const secrets = secretsOf(withSources).map(([, { Properties }]) => Properties);
    expect(secrets).toMatchObject([{ Name: 'qure-dropoff/north' }, { Name: 'qure-dropoff/south.2' }]);
  });

  it.each([
    { why: 'no source', props: { sources: [] }, message: /at least one source/ },
    {
      why: 'a document that no parameter can hold',
      props: { sources: [{ name: 'a', document: { rules: manyRules(120) } }] },
      message: /sources\.a: expected at most 8192 bytes of document, got \d{4,5}; shorten its rules/,
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

import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it, test } from 'vitest';
import type { SourceDocument, WrittenRetention } from '../../../functions/sources/source-document.ts';
import { deployWith, MANY_SITES } from './deployments.ts';
import { listOf, type Statement, statementsOf, synthesize } from './synthesized-template.ts';

const template = synthesize({ sources: MANY_SITES });
const withOne = (document: SourceDocument) => synthesize({ sources: [{ name: 'a', document }] });

describe('the document of a source', () => {
  const parameters = new Map(
    template
      .ofType('AWS::SSM::Parameter')
      .map(([, { Properties }]) => [Properties.Name, JSON.parse(String(Properties.Value)) as unknown]),
  );

  it('has in its parameter only what functions read', () => {
    expect(parameters.get('/qure-dropoff/sources/north')).toEqual({
      prefix: 'from-north/',
      qure: { baseUrl: 'https://qure.example', source: 'north', secretName: 'radiology/qure' },
      retention: { scanDays: 30, resultDays: 365 },
    });
  });

  it.each<{ why: string; documents: Record<string, SourceDocument>; message: RegExp }>([
    {
      why: 'a token',
      documents: { a: { qure: { token: 'very-secret' } } },
      message: /^(?!.*very-secret).*sources\.a\.qure: expected no token/s,
    },
    {
      why: 'the name of the variable of a token',
      documents: { a: { qure: { tokenEnv: 'T' } } },
      message: /expected no token/,
    },
    {
      why: 'the secret of another source of this deployment',
      documents: { a: {}, b: { qure: { secretName: 'qure-dropoff/a' } } },
      message: /sources\.b\.qure\.secretName: expected no secret of another source/,
    },
    {
      why: 'credentials as a CA',
      documents: { a: { network: { caSecretName: 'qure-dropoff/a' } } },
      message: /sources\.a\.network\.caSecretName: expected no secret with credentials/,
    },
    {
      why: 'Qure and a proxy on loopback',
      documents: {
        a: { qure: { baseUrl: 'http://127.0.0.1:9' }, network: { proxyUrl: 'http://localhost:3128' } },
      },
      message:
        /sources\.a\.qure\.baseUrl: expected no loopback.*sources\.a\.network\.proxyUrl: expected no loopback/s,
    },
    {
      why: 'a password of a proxy',
      documents: { a: { network: { proxyUrl: 'http://me:very-secret@proxy.example' } } },
      message: /^(?!.*very-secret).*sources\.a\.network\.proxyUrl: /s,
    },
    {
      why: 'mistakes in two documents',
      documents: { a: { products: [] }, b: { retention: { scanDays: 1 } } },
      message: /2 mistake.*sources\.a\.products.*sources\.b\.retention\.scanDays/s,
    },
    {
      why: 'prefixes that overlap',
      documents: { a: { prefix: 'x/' }, b: { prefix: 'x/y/' } },
      message: /overlaps/,
    },
  ])('the construct refuses $why', ({ documents, message }) => {
    const sources = Object.entries(documents).map(([name, document]) => ({ name, document }));
    expect(() => synthesize({ sources })).toThrow(message);
  });

  it('refuses a name that is there twice, and takes an undefined property as absent', () => {
    const twice = [
      { name: 'a', document: {} },
      { name: 'a', document: { prefix: 'b/' } },
    ];
    expect(() => synthesize({ sources: twice })).toThrow(/sources\.a: is there twice/);
    const document = { prefix: undefined } as unknown as SourceDocument;
    expect(withOne(document).ofType('AWS::SSM::Parameter')[0]?.[1].Properties.Value).toBe(
      '{"retention":{"scanDays":30}}',
    );
  });
});

describe('an existing secret', () => {
  it('is used instead of a new one', () => {
    const names = template.ofType('AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties.Name);
    expect(names.toSorted()).toEqual(['qure-dropoff-patient-key', 'qure-dropoff/east']);
  });

  it.each(['Compute', 'PollResults'])('can be read by %s, and no other secret can', (fn) => {
    const resources = template
      .permissionsOf(`DropoffFunctions${fn}`)
      .filter(({ Action }) => listOf(Action).includes('secretsmanager:GetSecretValue'))
      .flatMap(({ Resource }) => listOf(Resource).map((arn) => JSON.stringify(arn)))
      // Hashes identities, and opens no source.
      .filter((arn) => !arn.includes('PatientKey'));
    expect(resources).toEqual([
      expect.stringContaining(':secret:qure-dropoff/*"'),
      expect.stringContaining(':secret:radiology/qure-??????"'),
    ]);
  });

  it('is refused beyond thirty, since a role has no room for more', () => {
    const sources = Array.from({ length: 31 }, (_, at) => ({
      name: `site-${at}`,
      document: { qure: { secretName: `radiology/${at}` } },
    }));
    expect(() => synthesize({ sources })).toThrow(/at most 30 different secretName and caSecretName, got 31/);
    const policies = synthesize({ sources: sources.slice(1) }).one(
      'AWS::IAM::Role',
      'DropoffFunctionsCompute',
    )[1].Properties.Policies;
    expect(JSON.stringify(policies).length).toBeLessThan(10_240);
  });

  it('with certificates is read by the functions that call Qure; a file for one machine is left out', () => {
    const network = { caSecretName: 'hospital/ca', caFile: 'ca.pem', assetHosts: ['store.example'] };
    const stack = withOne({ network });
    const [parameter] = stack.ofType('AWS::SSM::Parameter');
    expect(JSON.parse(String(parameter?.[1].Properties.Value))).toEqual({
      network: { caSecretName: 'hospital/ca', assetHosts: ['store.example'] },
      retention: { scanDays: 30 },
    });
    const readers = ['Compute', 'PollResults', 'IndexInstances', 'ServeApi', 'Sweep'].filter((fn) =>
      JSON.stringify(stack.permissionsOf(`DropoffFunctions${fn}`)).includes(':secret:hospital/ca-??????'),
    );
    expect(readers).toEqual(['Compute', 'PollResults']);
    expect(
      JSON.stringify(withOne({ network: { caFile: 'ca.pem' } }).ofType('AWS::SSM::Parameter')),
    ).not.toContain('network');
  });

  it('can be the one of the same name that an earlier deployment left', () => {
    const again = withOne({ qure: { secretName: 'qure-dropoff/a' } });
    const made = again.ofType('AWS::SecretsManager::Secret').map(([id]) => id);
    expect(made.filter((id) => !id.startsWith('DropoffPatientKey'))).toEqual([]);
    expect(JSON.stringify(again.permissionsOf('DropoffFunctionsCompute'))).not.toContain('??????');
  });
});

describe('retention rules', () => {
  const rulesOf = (bucket: string) => {
    const [, { Properties }] = template.one('AWS::S3::Bucket', bucket);
    return (Properties.LifecycleConfiguration as { Rules: Record<string, unknown>[] }).Rules.slice(1);
  };

  it('scans expire below the prefix of each source, by default after 30 days', () => {
    const rule = (prefix: string) => ({
      Id: `expire ${prefix}`,
      Prefix: prefix,
      ExpirationInDays: 30,
      Status: 'Enabled',
    });
    expect(rulesOf('DropoffDrop')).toEqual(['from-north/', 'south.2/', 'east/'].map(rule));
  });

  it.each<{ name: string; retention: WrittenRetention; days: number[]; read: object }>([
    { name: 'other days', retention: { scanDays: 90 }, days: [90], read: { scanDays: 90 } },
    {
      name: 'results that expire',
      retention: { resultDays: 9 },
      days: [30],
      read: { scanDays: 30, resultDays: 9 },
    },
    { name: 'never', retention: { scanDays: 'never' }, days: [], read: {} },
  ])('$name: the rule and what functions read are the same', ({ retention, days, read }) => {
    const stack = withOne({ retention });
    const [, { Properties }] = stack.one('AWS::S3::Bucket', 'DropoffDrop');
    const { Rules } = Properties.LifecycleConfiguration as { Rules: { ExpirationInDays?: number }[] };
    expect(Rules.slice(1).map(({ ExpirationInDays }) => ExpirationInDays)).toEqual(days);
    const [parameter] = stack.ofType('AWS::SSM::Parameter');
    expect(JSON.parse(String(parameter?.[1].Properties.Value))).toEqual({ retention: read });
  });

  it.each<{ name: string; document: SourceDocument; value: string }>([
    { name: 'no default', document: {}, value: '{}' },
    {
      name: 'never, as its owner may say',
      document: { retention: { scanDays: 'never' } },
      value: '{"retention":{}}',
    },
  ])('an existing bucket for scans has $name', ({ document, value }) => {
    const stack = deployWith((scope) => ({
      sources: [{ name: 'a', document }],
      dropBucket: { bucket: Bucket.fromBucketName(scope, 'Ours', 'our-scans'), notifications: 'sqs' },
    }));
    expect(stack.template().ofType('AWS::SSM::Parameter')[0]?.[1].Properties.Value).toBe(value);
  });

  it.each([[null], ['30'], [[30]]])(
    'that are %j are the mistake of the document, and nothing else',
    (retention) => {
      const document = { retention } as unknown as SourceDocument;
      expect(() => withOne(document)).toThrow(/1 mistake.*sources\.a\.retention: /s);
    },
  );

  it('results expire below the name of the source', () => {
    expect(rulesOf('DropoffResults')).toEqual([
      { Id: 'expire north/', Prefix: 'north/', ExpirationInDays: 365, Status: 'Enabled' },
      { Id: 'expire south.2/', Prefix: 'south.2/', ExpirationInDays: 90, Status: 'Enabled' },
    ]);
  });

  it('are refused for an existing bucket, with every option that asks for it', () => {
    const deploy = () =>
      deployWith((scope) => ({
        sources: MANY_SITES,
        resultsBucket: Bucket.fromBucketName(scope, 'Ours', 'our-results'),
      }));
    expect(deploy).toThrow(
      /^(?!.*scanDays).*north\.retention\.resultDays.*south\.2\.retention\.resultDays.*lifecycle rule/s,
    );
  });
});

describe('notifications of a source', () => {
  const rules = template.ofType('AWS::Events::Rule').filter(([id]) => id.startsWith('DropoffNotifications'));
  const [queueId, queue] = template.one('AWS::SQS::Queue', 'DropoffNotificationsDeadLetters');

  it('have a rule for each entry, which sends its events to its topic', () => {
    expect(rules.map(([, { Properties }]) => Properties)).toMatchObject([
      {
        EventPattern: {
          source: ['qure-dropoff'],
          'detail-type': ['Series Done'],
          detail: {
            source: ['north'],
            triageStatus: ['critical'],
            product: ['qER'],
            presentFindings: ['ICH'],
          },
        },
        Targets: [{ Arn: 'arn:aws:sns:eu-central-1:111111111111:stroke-team' }],
      },
      {
        EventPattern: {
          'detail-type': ['Series Failed', 'Object Quarantined'],
          detail: { source: ['north'] },
        },
        Targets: [{ Arn: 'arn:aws:sns:eu-central-1:111111111111:pacs-team' }],
      },
      {
        EventPattern: { 'detail-type': ['Series Done'], detail: { source: ['south.2'] } },
        Targets: [{ Arn: 'arn:aws:sns:eu-central-1:111111111111:south' }],
      },
    ]);
  });

  it('keep undeliverable events in an encrypted queue for two weeks, without a role', () => {
    for (const [, { Properties }] of rules) {
      const [target] = Properties.Targets as Record<string, unknown>[];
      expect(target?.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [queueId, 'Arn'] } });
      expect(target).not.toHaveProperty('RoleArn');
    }
    expect(queue.Properties.MessageRetentionPeriod).toBe(1_209_600);
    expect(template.referencesOf(queue.Properties.KmsMasterKeyId)).toEqual([
      expect.stringMatching(/^DropoffKeysMessages/),
    ]);
  });

  it('let only these rules send to the queue, and EventBridge of this account use its key', () => {
    const allowed = template
      .policyOf('AWS::SQS::QueuePolicy', queueId)
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject([
      {
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: {
            'aws:SourceArn': ['', 'default/'].map((bus) => ({
              'Fn::Join': [
                '',
                expect.arrayContaining([`:rule/${bus}qure-dropoff-notification-*`]) as unknown[],
              ],
            })),
          },
        },
      },
    ]);
    const [, key] = template.one('AWS::KMS::Key', 'DropoffKeysMessages');
    expect(statementsOf(key.Properties.KeyPolicy)).toContainEqual(
      expect.objectContaining({ Principal: { Service: 'events.amazonaws.com' } }),
    );
  });

  it('REQ-TOLD-1: alarm for the first message there', () => {
    const [, { Properties }] = template.one('AWS::CloudWatch::Alarm', 'DropoffAlarmsNotificationDeadLetters');
    expect(Properties).toMatchObject({
      Threshold: 1,
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
      AlarmDescription: expect.stringMatching(/docs\/operations\.md#undelivered-notifications$/),
    });
  });

  it('have room for many rules in the policy of the queue, each with its own name', () => {
    const many = synthesize({
      appName: 'a-name-of-20-letters',
      sources: Array.from({ length: 40 }, (_, at) => ({
        name: `${'n'.repeat(60)}${at}`,
        document: { notifications: MANY_SITES[0]?.document.notifications ?? [] },
      })),
    });
    const names = many
      .ofType('AWS::Events::Rule')
      .filter(([id]) => id.startsWith('DropoffNotifications'))
      .map(([, { Properties }]) => String(Properties.Name));
    expect(new Set(names).size).toBe(80);
    for (const ruleName of names) expect(ruleName).toMatch(/^a-name-of-20-letters-notification-[\w-]{1,30}$/);
    const [, policy] = many.one('AWS::SQS::QueuePolicy', 'DropoffNotificationsDeadLetters');
    expect(JSON.stringify(policy.Properties.PolicyDocument).length).toBeLessThan(8192);
  });

  it('make nothing without a topic', () => {
    const none = withOne({ notifications: [] });
    expect(Object.keys(none.resources).filter((id) => /^Dropoff(?:Alarms)?Notification/.test(id))).toEqual(
      [],
    );
  });

  it.each([
    {
      where: 'region',
      env: { account: '111111111111', region: 'eu-west-1' },
      told: /in eu-west-1, .*eu-central-1/,
    },
    {
      where: 'account',
      env: { account: '999999999999', region: 'eu-central-1' },
      told: /of the account 999999999999/,
    },
  ])('refuse a topic of another $where, each with its position', ({ env, told }) => {
    const deploy = () => synthesize({ sources: MANY_SITES, env });
    expect(deploy).toThrow(told);
    expect(deploy).toThrow(/sources\.south\.2\.notifications\.0\.topicArn/);
  });
});

describe('the drop role of a source', () => {
  const roleOf = (source: string) => template.one('AWS::IAM::Role', `DropoffDropRoles${source}`);
  const policyOf = (source: string): Statement[] => {
    const policies = roleOf(source)[1].Properties.Policies as { PolicyDocument: unknown }[];
    return policies.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));
  };

  test.each([
    { source: 'north', account: '222222222222', externalId: 'north-of-2026', who: {} },
    {
      source: 'south2',
      account: '333333333333',
      externalId: 'south:2',
      who: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::333333333333:role/pacs/exporter' } },
    },
  ])('$source is trusted with its external id alone, for an hour', ({ source, account, externalId, who }) => {
    const [, { Properties }] = roleOf(source);
    expect(statementsOf(Properties.AssumeRolePolicyDocument)).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: {
          AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]] },
        },
        Condition: { StringEquals: { 'sts:ExternalId': externalId }, ...who },
      },
    ]);
    expect(Properties.MaxSessionDuration).toBe(3600);
    expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  it('can put below its prefix, under the key of the bucket through S3, and nothing else', () => {
    const [bucketId] = template.one('AWS::S3::Bucket', 'DropoffDrop');
    const [keyId] = template.one('AWS::KMS::Key', 'DropoffKeysData');
    const bucketArn = { 'Fn::GetAtt': [bucketId, 'Arn'] };
    const objects = { 'Fn::Join': ['', [bucketArn, '/from-north/*']] };
    expect(policyOf('north')).toEqual([
      { Effect: 'Allow', Action: ['s3:AbortMultipartUpload', 's3:PutObject'], Resource: objects },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: { 'Fn::GetAtt': [keyId, 'Arn'] },
        Condition: {
          StringEquals: {
            'kms:ViaService': {
              'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
            },
          },
          StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucketArn, objects] },
        },
      },
    ]);
  });

  it('has its ARN in an output for each source', () => {
    const outputs = Object.entries(template.outputs).filter(([id]) => id.startsWith('DropRoleArn'));
    expect(outputs.map(([, { Value }]) => Value)).toEqual(
      ['north', 'south2'].map((source) => ({ 'Fn::GetAtt': [roleOf(source)[0], 'Arn'] })),
    );
    const alike = ['a-b', 'a.b', 'ab'].map((name) => ({
      name,
      document: { dropAccess: { accountId: '222222222222', externalId: name } },
    }));
    const ids = Object.keys(synthesize({ sources: alike }).outputs);
    expect(ids.filter((id) => id.startsWith('DropRoleArn'))).toHaveLength(3);
  });

  it('needs no foreign account in the policies of bucket and key', () => {
    for (const type of ['AWS::S3::BucketPolicy', 'AWS::KMS::Key'])
      expect(JSON.stringify(template.ofType(type))).not.toMatch(/222222222222|333333333333/);
  });
});

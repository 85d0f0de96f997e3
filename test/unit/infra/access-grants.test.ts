import { AccountPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { newStack, type Statement, SynthesizedTemplate, statementsOf } from './synthesized-template.ts';

const sources = [
  { name: 'north', document: { prefix: 'clinics/north/' } },
  { name: 'south', document: {} },
];
const viaS3 = {
  'kms:ViaService': { 'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] },
};

/** The context under which S3 encrypts what lies below a prefix (with `*`): the bucket's own data key, or the object's. */
function inBucket(bucket: string, below: string) {
  const arn = { 'Fn::GetAtt': [expect.stringMatching(`^Dropoff${bucket}Bucket`), 'Arn'] };
  return { 'kms:EncryptionContext:aws:s3:arn': [arn, { 'Fn::Join': ['', [arn, `/${below}`]] }] };
}

/** The statements that a role has after a grant; resources as text. */
function granted(grant: (dropoff: ReturnType<typeof newStack>['stack']['dropoff'], role: Role) => void) {
  const { app, stack } = newStack({ sources });
  const role = new Role(stack, 'Somebody', { assumedBy: new ServicePrincipal('transfer.amazonaws.com') });
  grant(stack.dropoff, role);
  const template = new SynthesizedTemplate(app.synth().getStackByName(stack.stackName).template);
  const [, policy] = template.one('AWS::IAM::Policy', 'Somebody');
  return statementsOf(policy.Properties.PolicyDocument).map(({ Resource, ...rest }: Statement) => ({
    ...rest,
    resource: JSON.stringify(Resource),
  }));
}

describe('who may drop', () => {
  it.each([
    { source: 'north', prefix: 'clinics/north/*' },
    { source: 'south', prefix: 'south/*' },
  ])(
    'for $source writes below $prefix, under the key of the bucket, and does nothing else',
    ({ source, prefix }) => {
      const statements = granted((dropoff, role) => dropoff.grantDrop(role, source));
      expect(statements).toEqual([
        {
          Effect: 'Allow',
          Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
          resource: expect.stringMatching(new RegExp(`DropoffDropBucket.*"/${prefix.replace('*', '\\*')}"`)),
        },
        {
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resource: expect.stringContaining('DropoffKeysData'),
          Condition: { StringEquals: viaS3, StringLike: inBucket('Drop', prefix) },
        },
      ]);
    },
  );

  it('throws for a source that is not deployed', () => {
    expect(() => granted((dropoff, role) => dropoff.grantDrop(role, 'nroth'))).toThrow(
      /deployed source \(north, south\), got "nroth"/,
    );
  });

  it('throws for a grantee whose policies this app cannot write, like a whole account', () => {
    const { stack } = newStack({ sources });
    expect(() => stack.dropoff.grantDrop(new AccountPrincipal('111111111111'), 'north')).toThrow();
  });
});

describe('who may read results', () => {
  it.each([
    {
      of: 'one source',
      source: 'north',
      objects: '/north/*',
      list: { StringLike: { 's3:prefix': 'north/*' } },
    },
    { of: 'all', source: undefined, objects: '/*', list: undefined },
  ])('of $of reads, lists and decrypts', ({ source, objects, list }) => {
    const statements = granted((dropoff, role) => dropoff.grantReadResults(role, source));
    expect(statements).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', resource: expect.stringContaining(`"${objects}"`) },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        resource: expect.stringContaining('DropoffResultsBucket'),
        ...(list && { Condition: list }),
      },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        resource: expect.stringContaining('DropoffKeysData'),
        Condition: { StringEquals: viaS3, StringLike: inBucket('Results', objects.slice(1)) },
      },
    ]);
  });

  it('throws for a source that is not deployed', () => {
    expect(() => granted((dropoff, role) => dropoff.grantReadResults(role, 'west'))).toThrow(/got "west"/);
  });
});

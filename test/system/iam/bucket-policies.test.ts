import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, it } from 'vitest';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../local/cloud/intrinsics.ts';
import { synthesize } from '../../unit/infra/synthesized-template.ts';
import { DeployedTemplate } from './template-roles.ts';

const AUDITOR = roleArn('Auditor');
const synthesized = synthesize({ accessLogReaderArns: [AUDITOR] });
const template = new DeployedTemplate(synthesized);
const [dataKeyId] = synthesized.one('AWS::KMS::Key', 'DropoffKeysData');
const OUR_KEY = keyArn(dataKeyId);
const SSE = 's3:x-amz-server-side-encryption';
const KEY = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const SSE_C = 's3:x-amz-server-side-encryption-customer-algorithm';

describe('whoever may put into the drop bucket', () => {
  it.each([
    { how: 'without a word on encryption', context: {}, answer: 'Allowed' },
    {
      how: 'under the key of the bucket',
      context: { [SSE]: 'aws:kms', [KEY]: OUR_KEY },
      answer: 'Allowed',
    },
    { how: 'under the keys of S3', context: { [SSE]: 'AES256' }, answer: 'ExplicitlyDenied' },
    { how: "under AWS's own key of KMS", context: { [SSE]: 'aws:kms' }, answer: 'ExplicitlyDenied' },
    {
      how: 'under another key',
      context: { [SSE]: 'aws:kms', [KEY]: keyArn('foreign') },
      answer: 'ExplicitlyDenied',
    },
    { how: 'under another key alone', context: { [KEY]: keyArn('foreign') }, answer: 'ExplicitlyDenied' },
    { how: 'under a key that it sends along', context: { [SSE_C]: 'AES256' }, answer: 'ExplicitlyDenied' },
  ])('$how: $answer', async ({ context, answer }) => {
    expect(await judge(roleArn('Sender'), 's3:PutObject', `${bucketArn('DropoffDrop')}/a`, context)).toBe(
      answer,
    );
  });
});

describe.each(['DropoffDrop', 'DropoffResults'])('the keys of %s', (bucket) => {
  it.each([
    { who: 'the look-up role of the CDK', role: 'cdk-hnb659fds-lookup-role-123456789012-eu-central-1' },
    { who: 'that of another qualifier', role: 'cdk-radiology-lookup-role-123456789012-eu-central-1' },
  ])('refuses $who to list them', async ({ role }) => {
    for (const action of ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'])
      expect(await judge(roleArn(role), action, bucketArn(bucket))).toBe('ExplicitlyDenied');
  });

  it('allows principals with an IAM permission to list them', async () => {
    expect(await judge(AUDITOR, 's3:ListBucket', bucketArn(bucket))).toBe('Allowed');
  });
});

describe('a line of the access logs', () => {
  const object = `${bucketArn('DropoffAccessLogs')}/drop/line`;

  it.each([
    { who: 'the reader that the deployment names', principal: AUDITOR, answer: 'Allowed' },
    {
      who: 'the root user',
      principal: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:root`,
      answer: 'Allowed',
    },
    {
      who: 'the look-up role of the CDK',
      principal: roleArn('cdk-hnb659fds-lookup-role-123456789012-eu-central-1'),
      answer: 'ExplicitlyDenied',
    },
    { who: 'whoever may read everything', principal: roleArn('ReadOnly'), answer: 'ExplicitlyDenied' },
  ])('answers $who: $answer', async ({ principal, answer }) => {
    for (const action of ['s3:GetObject', 's3:GetObjectVersion'])
      expect(await judge(principal, action, object)).toBe(answer);
  });

  it('lets S3 write it', async () => {
    const [, drop] = synthesized.one('AWS::S3::Bucket', 'DropoffDrop');
    const context = {
      'aws:SourceAccount': LOCAL_ACCOUNT_ID,
      'aws:SourceArn': `arn:aws:s3:::${String(template.resolve(drop.Properties['BucketName']))}`,
    };
    expect(await judge('logging.s3.amazonaws.com', 's3:PutObject', object, context)).toBe('Allowed');
  });
});

/** Of somebody whose own policy allows everything: what the policy of the bucket leaves of it. */
async function judge(
  principal: string,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: LOCAL_ACCOUNT_ID },
        contextVariables: {
          'aws:SecureTransport': 'true',
          's3:TlsVersion': '1.3',
          ...(principal.startsWith('arn:') && { 'aws:PrincipalArn': principal }),
          ...context,
        },
      },
      identityPolicies: principal.startsWith('arn:')
        ? [
            {
              name: 'everything',
              policy: {
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
              },
            },
          ]
        : [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: template.resourcePolicyOf(resource),
    },
    {},
  );
  if (answer.resultType === 'error') return JSON.stringify(answer.errors);
  return answer.overallResult;
}

/** As `DeployedTemplate` names it. */
function bucketArn(idPrefix: string): string {
  const [id] = synthesized.one('AWS::S3::Bucket', idPrefix);
  return `arn:aws:s3:::${id.toLowerCase()}`;
}

function roleArn(name: string): string {
  return `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role/${name}`;
}

function keyArn(id: string): string {
  return `arn:aws:kms:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:key/${id}`;
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CollectionTag, parse, type ScalarTag } from 'yaml';

interface Statement {
  Effect: string;
  Action: unknown;
  Resource: string[];
  Principal: unknown;
  Condition: unknown;
}
interface Role {
  Type: string;
  Properties: {
    AssumeRolePolicyDocument: { Statement: Statement[] };
    Policies: { PolicyDocument: { Statement: Statement[] } }[];
    ManagedPolicyArns?: string[];
    MaxSessionDuration: number;
  };
}
interface Template {
  Parameters: Record<string, { AllowedPattern: string; Default?: string }>;
  Resources: Record<string, Role>;
}

const template = read();
const ISSUER = 'token.actions.githubusercontent.com';
const ROLES = `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role`;

it('makes two roles, beside the provider', () => {
  expect(Object.entries(template.Resources).map(([id, { Type }]) => `${Type} ${id}`)).toEqual([
    'AWS::IAM::OIDCProvider Provider',
    'AWS::IAM::Role DeployRole',
    'AWS::IAM::Role DiffRole',
  ]);
});

describe.each([
  {
    id: 'DeployRole',
    subject: `repo:\${Repository}:environment:\${Environment}`,
    assumes: ['deploy', 'file-publishing', 'lookup'],
  },
  { id: 'DiffRole', subject: `repo:\${Repository}:pull_request`, assumes: ['lookup'] },
])('$id', ({ id, subject, assumes }) => {
  const properties = template.Resources[id]?.Properties;

  it('trusts one subject and one audience, both as a whole', () => {
    expect(properties?.AssumeRolePolicyDocument.Statement).toHaveLength(1);
    expect(properties?.AssumeRolePolicyDocument.Statement[0]).toMatchObject({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:sub`]: subject },
      },
    });
    expect(Object.keys(properties?.AssumeRolePolicyDocument.Statement[0]?.Condition ?? {})).toEqual([
      'StringEquals',
    ]);
  });

  it('may do nothing but assume roles of the CDK, in this account and region', () => {
    const statements = properties?.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: assumes.map(
          (role) => `${ROLES}/cdk-\${Qualifier}-${role}-role-\${AWS::AccountId}-\${AWS::Region}`,
        ),
      },
    ]);
    expect(properties).not.toHaveProperty('ManagedPolicyArns');
    expect(properties?.MaxSessionDuration).toBe(3600);
  });
});

describe('the name of the repository', () => {
  const pattern = new RegExp(`^(?:${template.Parameters.Repository?.AllowedPattern})$`);

  it.each(['clinic/scans', 'clinic@123456/scans@456789', 'a-clinic/scans.eu'])('may be %s', (name) => {
    expect(name).toMatch(pattern);
  });

  it.each([
    '*',
    'clinic/*',
    'clinic',
    '*/scans',
    'clinic/scans:*',
    'clinic/scans/more',
    'clinic@*/scans@*',
    '',
  ])('may not be %j', (name) => {
    expect(name).not.toMatch(pattern);
  });
});

it('trusts the environment that the workflow deploys in, by default', () => {
  const workflow = readFileSync(new URL('../../../.github/workflows/deploy.yml', import.meta.url), 'utf8');
  expect(workflow).toContain(`environment: ${template.Parameters.Environment?.Default}`);
});

/** The short forms of CloudFormation's functions become their arguments, which is all that is compared here. */
function read(): Template {
  const scalar = (tag: string): ScalarTag => ({ tag, resolve: (text: string) => text });
  const list: CollectionTag = { tag: '!If', collection: 'seq' };
  const equals: CollectionTag = { tag: '!Equals', collection: 'seq' };
  const text = readFileSync(new URL('../../../infra/github-deploy-role.yaml', import.meta.url), 'utf8');
  return parse(text, {
    customTags: [scalar('!Sub'), scalar('!Ref'), scalar('!GetAtt'), list, equals],
  }) as Template;
}

import { Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Sources } from './sources.ts';
import { Validations } from './validations.ts';

/** The reason for inline policies. */
export const ONE_POLICY_FOR_ONE_ROLE =
  'One policy for one role, deleted together with it; a managed one could be attached elsewhere.';

/**
 * Acknowledges the wildcards of the roles, one finding at a time: each covers names that do not exist yet when the stack is
 * deployed. A wildcard that is not listed here still fails the synthesis.
 */
export function acknowledgeOpenNames(
  functions: Construct,
  buckets: readonly IBucket[],
  sources: Sources,
): void {
  const account = 'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>';
  const secrets = `${account}:secret:${sources.secretsPrefix}*`;
  Validations.of(functions).acknowledge(
    ...buckets.map((bucket) => ({
      id: `AwsSolutions-IAM5[Resource::${asFindingsSay(functions, bucket.arnForObjects('*'))}]`,
      reason: 'The objects of one bucket: hospitals choose the keys.',
    })),
    {
      id: `AwsSolutions-IAM5[Resource::${secrets}]`,
      reason:
        'Secrets Manager ends each ARN in random characters; the prefix is that of this deployment only.',
    },
  );
}

/** The name of an ARN in cdk-nag: references in angle brackets, and everything joined. */
export function asFindingsSay(scope: Construct, arn: string): string {
  return flat(Stack.of(scope).resolve(arn));
}

function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Partial<Intrinsics>;
  if (Ref !== undefined) return `<${Ref}>`;
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  if (join !== undefined) return join[1].map(flat).join(join[0]);
  // A reference into another stack is acknowledged by the app that runs cdk-nag over both.
  return JSON.stringify(value);
}

interface Intrinsics {
  Ref: string;
  'Fn::GetAtt': [string, string];
  'Fn::Join': [string, unknown[]];
}

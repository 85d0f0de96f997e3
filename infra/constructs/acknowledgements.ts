import { Stack, Validations } from 'aws-cdk-lib';
import type { PipelineFunctions } from './pipeline-functions.ts';
import type { PrivateBucket } from './private-bucket.ts';
import type { Sources } from './sources.ts';

/**
 * Acknowledges the wildcards of the roles, one finding at a time: each stands for names that nobody knows when the
 * stack is deployed. A wildcard that is not listed here still stops the synthesis.
 */
export function acknowledgeOpenNames(
  functions: PipelineFunctions,
  buckets: readonly PrivateBucket[],
  sources: Sources,
): void {
  const account = 'arn:<AWS::Partition>:%s:<AWS::Region>:<AWS::AccountId>';
  const parameters = `${account.replace('%s', 'ssm')}:parameter${sources.path}*`;
  const secrets = `${account.replace('%s', 'secretsmanager')}:secret:${sources.secretsPrefix}*`;
  Validations.of(functions).acknowledge(
    ...buckets.map(({ resource }) => ({
      id: `AwsSolutions-IAM5[Resource::<${Stack.of(resource).getLogicalId(resource)}.Arn>/*]`,
      reason: 'The objects of one bucket of this stack: hospitals choose the keys.',
    })),
    {
      id: `AwsSolutions-IAM5[Resource::${parameters}]`,
      reason: 'Sources come and go without a deployment; the path is that of this deployment only.',
    },
    {
      id: `AwsSolutions-IAM5[Resource::${secrets}]`,
      reason:
        'Secrets Manager ends each ARN in random characters; the prefix is that of this deployment only.',
    },
  );
}

import { defined } from '../../functions/shared/defined.ts';
import type { BucketState, LambdaLimits } from './judge-account.ts';
import type { TableQuotas } from './judge-quotas.ts';

/** What the checks ask; each call reads only. */
export interface Account {
  identity(): Promise<{ accountId: string; region: string }>;
  lambdaLimits(): Promise<LambdaLimits>;
  tableQuotas(): Promise<TableQuotas>;
  /** Whether Parameter Store is set to its higher throughput, for which it charges. */
  hasHigherParameterThroughput(): Promise<boolean>;
  logPolicies(): Promise<{ name: string; characters: number }[]>;
  /** `undefined` where the CDK is not bootstrapped. */
  bootstrapVersion(): Promise<string | undefined>;
  bucketState(name: string): Promise<BucketState>;
}

const PARAMETER_THROUGHPUT = '/ssm/parameter-store/high-throughput-enabled';

/** Of the bootstrap's default qualifier. */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** With the credentials and the region that the AWS SDK finds, as the AWS CLI does. */
export async function createAccount(region: string | undefined): Promise<Account> {
  // A command that asks AWS nothing loads none of it.
  const { CloudWatchLogsClient, DescribeResourcePoliciesCommand } = await import(
    '@aws-sdk/client-cloudwatch-logs'
  );
  const { DescribeLimitsCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const { HeadBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { GetParameterCommand, GetServiceSettingCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const config = { ...defined({ region }), maxAttempts: 2 };
  const sts = new STSClient(config);
  const lambda = new LambdaClient(config);
  const logs = new CloudWatchLogsClient(config);
  const ssm = new SSMClient(config);
  const s3 = new S3Client(config);
  const dynamodb = new DynamoDBClient(config);
  return {
    async identity() {
      const { Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
      return { accountId: Account, region: await sts.config.region() };
    },
    async lambdaLimits() {
      const { AccountLimit = {}, AccountUsage = {} } = await lambda.send(new GetAccountSettingsCommand({}));
      return {
        concurrency: AccountLimit.ConcurrentExecutions ?? 0,
        unreserved: AccountLimit.UnreservedConcurrentExecutions ?? 0,
        codeBytes: AccountLimit.TotalCodeSize ?? 0,
        usedCodeBytes: AccountUsage.TotalCodeSize ?? 0,
      };
    },
    async tableQuotas() {
      const limits = await dynamodb.send(new DescribeLimitsCommand({}));
      const { TableMaxReadCapacityUnits = 0, TableMaxWriteCapacityUnits = 0 } = limits;
      return { readUnits: TableMaxReadCapacityUnits, writeUnits: TableMaxWriteCapacityUnits };
    },
    async hasHigherParameterThroughput() {
      const { ServiceSetting } = await ssm.send(
        new GetServiceSettingCommand({ SettingId: PARAMETER_THROUGHPUT }),
      );
      return ServiceSetting?.SettingValue === 'true';
    },
    async logPolicies() {
      const found: { name: string; characters: number }[] = [];
      let nextToken: string | undefined;
      do {
        const page = await logs.send(new DescribeResourcePoliciesCommand(defined({ nextToken })));
        for (const { policyName = '', policyDocument = '' } of page.resourcePolicies ?? [])
          found.push({ name: policyName, characters: policyDocument.length });
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return found;
    },
    async bootstrapVersion() {
      try {
        const { Parameter } = await ssm.send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
        return Parameter?.Value;
      } catch (error) {
        if (nameOf(error) === 'ParameterNotFound') return undefined;
        throw error;
      }
    },
    async bucketState(name) {
      try {
        await s3.send(new HeadBucketCommand({ Bucket: name }));
        return 'ours';
      } catch (error) {
        const status = statusOf(error);
        if (status === 404) return 'free';
        // 301: of another region; 403: of another account. S3 says no more of what is not ours.
        if (status === 301 || status === 403) return 'taken';
        throw error;
      }
    },
  };
}

/** Never the message: it may hold names, and parts of a request. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'an unknown error';
}

export function statusOf(error: unknown): number | undefined {
  const { $metadata } = Object(error) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

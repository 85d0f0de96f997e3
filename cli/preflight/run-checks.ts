import { type Account, nameOf } from './account.ts';
import { attempt } from './attempt.ts';
import { type Finding, ok, problem } from './finding.ts';
import { judgeBootstrap, judgeBucket, judgeLambda, judgeLogPolicies } from './judge-account.ts';
import { judgeParameters, judgeTable, type Need, needOf } from './judge-quotas.ts';
import { type AskStatus, addressesToAllow, judgeQure } from './reach-qure.ts';

export interface PreflightQuestions {
  account: Account;
  appName: string;
  /** Qure's base URL. */
  qure?: string;
  /** Default: as much as the default stages can do. */
  instancesADay?: number;
  askStatus: AskStatus;
}

/** Every check, also where others failed; without credentials only those that need none. */
export async function runChecks({
  account,
  appName,
  qure,
  instancesADay,
  askStatus,
}: PreflightQuestions): Promise<Finding[]> {
  const ofQure = [await judgeQure(qure, askStatus), addressesToAllow(qure)];
  const identity = await account.identity().catch((error: unknown) => nameOf(error));
  if (typeof identity === 'string') {
    const fix =
      'Sign in (aws sts get-caller-identity shows whether it worked), and set AWS_REGION or --region.';
    return [problem('credentials', `AWS did not accept credentials or region: ${identity}`, fix), ...ofQure];
  }
  const { accountId, region } = identity;
  const need = needOf(instancesADay);
  const nameFor = (purpose: string) => `${appName}-${purpose}-${accountId}-${region}`;
  return [
    ok('credentials', `AWS accepts the credentials, in ${region}`),
    ...(await checkQuotas(account, need)),
    ...(await attempt('log-resource-policies', 'logs:DescribeResourcePolicies', async () => [
      judgeLogPolicies(await account.logPolicies()),
    ])),
    ...(await attempt('bootstrap', 'ssm:GetParameter', async () => [
      judgeBootstrap(await account.bootstrapVersion()),
    ])),
    ...(await attempt('bucket-drop', 's3:ListBucket', async () => [
      judgeBucket('drop', await account.bucketState(nameFor('drop'))),
    ])),
    ...(await attempt('bucket-results', 's3:ListBucket', async () => [
      judgeBucket('results', await account.bucketState(nameFor('results'))),
    ])),
    ...ofQure,
  ];
}

/** Whether the account lets the pipeline do as much as it needs to. */
export async function checkQuotas(account: Account, need: Need): Promise<Finding[]> {
  return [
    ...(await attempt('lambda-concurrency', 'lambda:GetAccountSettings', async () =>
      judgeLambda(await account.lambdaLimits(), need),
    )),
    ...(await attempt('table-units', 'dynamodb:DescribeLimits', async () =>
      judgeTable(await account.tableQuotas(), need),
    )),
    ...(await attempt('parameter-requests', 'ssm:GetServiceSetting', async () => [
      judgeParameters(await account.hasHigherParameterThroughput(), need),
    ])),
  ];
}

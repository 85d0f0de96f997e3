import { type Account, nameOf, statusOf } from './account.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { judgeBootstrap, judgeBucket, judgeLambda, judgeLogPolicies } from './judge-account.ts';
import { judgeParameters, judgeTable, needOf } from './judge-quotas.ts';
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
    ...(await attempt('lambda-concurrency', 'lambda:GetAccountSettings', async () =>
      judgeLambda(await account.lambdaLimits(), need),
    )),
    ...(await attempt('table-units', 'dynamodb:DescribeLimits', async () =>
      judgeTable(await account.tableQuotas(), need),
    )),
    ...(await attempt('parameter-requests', 'ssm:GetServiceSetting', async () => [
      judgeParameters(await account.hasHigherParameterThroughput(), need),
    ])),
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

/** A check that could not be made is one line, and the next check goes on. */
async function attempt(check: string, permission: string, run: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    const isDenied = statusOf(error) === 403 || /denied|unauthorized/i.test(nameOf(error));
    return [
      isDenied
        ? warning(
            check,
            'not checked: AWS denies the call',
            `Allow ${permission}, or ask somebody who may call it.`,
          )
        : warning(
            check,
            `not checked: ${nameOf(error)}`,
            'Check the region and the network, and run it again.',
          ),
    ];
  }
}

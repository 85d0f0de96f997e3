import { type Finding, ok, problem, warning } from './finding.ts';
import type { Need } from './judge-quotas.ts';

/** For the API, the schedules and the functions of others. */
const MORE_EXECUTIONS = 16;
const MEGABYTE = 1024 * 1024;
/** Ten versions of eight bundles and their copies during an update. */
const NEEDED_CODE_BYTES = 100 * MEGABYTE;

export interface LambdaLimits {
  concurrency: number;
  unreserved: number;
  codeBytes: number;
  usedCodeBytes: number;
}

export function judgeLambda(
  { concurrency, unreserved, codeBytes, usedCodeBytes }: LambdaLimits,
  { executions: needed }: Need,
): Finding[] {
  const detail = `Lambda allows ${concurrency} concurrent executions, ${unreserved} of them unreserved; the pipeline may use ${needed}`;
  const request = `Request more: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value ${Math.max(1000, 2 * needed)}`;
  const executions =
    unreserved >= needed + MORE_EXECUTIONS
      ? ok('lambda-concurrency', detail)
      : problem('lambda-concurrency', detail, request);
  const freeMb = Math.floor((codeBytes - usedCodeBytes) / MEGABYTE);
  const storage = `Lambda has ${freeMb} MB free for code`;
  return [
    executions,
    codeBytes - usedCodeBytes >= NEEDED_CODE_BYTES
      ? ok('lambda-code-storage', storage)
      : problem(
          'lambda-code-storage',
          storage,
          'Delete versions of functions that are not used, or request more.',
        ),
  ];
}

/** Source: Amazon CloudWatch Logs user guide, "CloudWatch Logs quotas": ten policies a region, 5,120 characters each. */
const MOST_POLICIES = 10;
const MOST_CHARACTERS = 5120;
/** API Gateway adds each access log to this policy, except those below /aws/vendedlogs/, which one statement covers. */
const DELIVERY_POLICY = 'AWSLogDeliveryWrite20150319';
const STATEMENT_CHARACTERS = 500;

export function judgeLogPolicies(policies: readonly { name: string; characters: number }[]): Finding {
  const check = 'log-resource-policies';
  const fix =
    'Delete a policy that is not used (aws logs describe-resource-policies), or deploy with -c httpApi=false.';
  const delivery = policies.find(({ name }) => name === DELIVERY_POLICY);
  const count = `CloudWatch Logs has ${policies.length} of ${MOST_POLICIES} resource policies`;
  if (delivery === undefined) {
    return policies.length < MOST_POLICIES
      ? ok(check, count)
      : problem(check, `${count}, and none for the access log of the HTTP API`, fix);
  }
  const size = `${DELIVERY_POLICY} has ${delivery.characters} of ${MOST_CHARACTERS} characters`;
  return delivery.characters + STATEMENT_CHARACTERS <= MOST_CHARACTERS
    ? ok(check, `${count}; ${size}`)
    : warning(check, `${size}: one more log may not fit`, fix);
}

/** The CDK of this repository needs it; deployments by `dist/template/` do not. */
const LEAST_BOOTSTRAP = 6;

export function judgeBootstrap(version: string | undefined): Finding {
  const check = 'bootstrap';
  const fix = 'Run npx cdk bootstrap, or deploy without the CDK (npm run template).';
  if (version === undefined)
    return problem(check, 'the CDK is not bootstrapped in this account and region', fix);
  return Number(version) >= LEAST_BOOTSTRAP
    ? ok(check, `the CDK is bootstrapped, version ${version}`)
    : problem(check, `expected version ${LEAST_BOOTSTRAP} of the bootstrap, got ${version}`, fix);
}

export type BucketState = 'free' | 'ours' | 'taken';

export function judgeBucket(purpose: string, state: BucketState): Finding {
  const check = `bucket-${purpose}`;
  const rename = 'Choose another prefix: -c appName=NAME (preflight: --app-name NAME).';
  if (state === 'free') return ok(check, `the name of the ${purpose} bucket is free`);
  if (state === 'taken')
    return problem(check, `the name of the ${purpose} bucket is taken by another account or region`, rename);
  const exists = `this account has the ${purpose} bucket already`;
  return warning(check, exists, `If it is not of a running deployment, delete it. ${rename}`);
}

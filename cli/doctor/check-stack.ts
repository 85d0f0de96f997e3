import { createSourcesLoader } from '../../functions/aws/sources.ts';
import { parseCredentials } from '../../functions/sources/qure-credentials.ts';
import type { Source } from '../../functions/sources/source.ts';
import type { World } from '../frame/command.ts';
import { counted } from '../output/counted.ts';
import type { Account } from '../preflight/account.ts';
import { attempt } from '../preflight/attempt.ts';
import { type Finding, ok, problem, warning } from '../preflight/finding.ts';
import { needOf } from '../preflight/judge-quotas.ts';
import { checkQuotas } from '../preflight/run-checks.ts';
import type { CallApi } from '../target/call-api.ts';
import type { DeployedStack } from '../target/stack.ts';
import { checkApi } from './api.ts';
import { type AskResults, judgeToken } from './judge-token.ts';
import { judgeClock, judgeEnvironment, judgeNode } from './machine.ts';
import { createStackClients, type StackClients } from './stack-clients.ts';

export interface StackQuestions {
  stack: DeployedStack;
  /** The options that lead there, for the commands of the fixes. */
  where: string;
  call: CallApi;
  account: Account;
  env: World['env'];
  nowMs: number;
  askResults: AskResults;
  askDate(url: string): Promise<number | undefined>;
}

/** Checks a deployed stack: each part that a hand or an accident can change, and how Qure is reached from this machine. */
export async function checkStack(questions: StackQuestions): Promise<Finding[]> {
  const { stack, where, call, account, env, nowMs, askDate } = questions;
  const clients = createStackClients(stack);
  const { sources, findings } = await checkSources(questions, clients);
  return [
    judgeNode(process.versions.node, false),
    ...(await judgeEnvironment(env)),
    judgeClock(await askDate(`https://sts.${stack.region}.amazonaws.com/`), nowMs),
    judgeStatus(stack),
    ...(await attempt('notification', 's3:GetBucketNotification', () => checkNotification(stack, clients))),
    ...(await attempt('queues', 'sqs:GetQueueAttributes', () => checkQueues(stack, clients))),
    ...(await attempt('event-sources', 'lambda:GetEventSourceMapping', () =>
      checkEventSources(stack, clients),
    )),
    ...(await attempt('functions', 'lambda:GetFunction', () => checkFunctions(stack, clients))),
    ...(await attempt('schedules', 'events:DescribeRule', () => checkSchedules(stack, clients))),
    ...(await attempt('table', 'dynamodb:DescribeTable', () => checkTable(stack, clients))),
    ...findings,
    ...(await checkSecrets(questions, clients, sources)),
    ...(await checkQuotas(account, needOf())),
    ...(await checkApi(call, where)),
  ];
}

function judgeStatus({ name, status }: DeployedStack): Finding {
  const check = 'stack';
  if (/^(?:CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return ok(check, `${name}: ${status}`);
  if (status.endsWith('_IN_PROGRESS'))
    return warning(check, `${name}: ${status}`, 'Wait until the update has ended, then run it again.');
  return problem(
    check,
    `${name}: ${status}: the last update did not succeed`,
    'See the events of the stack in CloudFormation, correct the cause, and deploy again.',
  );
}

async function checkNotification(
  { outputs, resources }: DeployedStack,
  { notification, isRuleOn }: StackClients,
) {
  const check = 'notification';
  const fix =
    'Deploy again; for a bucket of your own see docs/infrastructure.md, and then run reconcile --repair.';
  const { queueArns, hasEventBridge } = await notification(outputs['DropBucketName'] ?? '');
  if (queueArns.includes(outputs['IngestQueueArn'] ?? ''))
    return [ok(check, 'the drop bucket tells the ingest queue of each object')];
  const rules = (await resources()).filter(
    ({ type, logicalId }) => type === 'AWS::Events::Rule' && /DropEvents/.test(logicalId),
  );
  if (!hasEventBridge || rules.length === 0)
    return [problem(check, 'the drop bucket does not announce new objects: nothing is processed', fix)];
  const off = await onlyThose(rules, async ({ physicalId }) => !(await isRuleOn(physicalId)));
  return off.length === 0
    ? [ok(check, 'the drop bucket tells the ingest queue of each object, through EventBridge')]
    : [
        problem(
          check,
          'a rule for the events of the drop bucket is disabled',
          `aws events enable-rule --name ${off[0]?.physicalId ?? ''}`,
        ),
      ];
}

async function checkQueues({ outputs }: DeployedStack, { deadLetterTarget }: StackClients) {
  const check = 'queues';
  const names = Object.keys(outputs).filter((name) => name.endsWith('QueueUrl'));
  const found = await Promise.all(
    names.map(async (name): Promise<Finding[]> => {
      const state = await deadLetterTarget(outputs[name] ?? '');
      if (state === 'no queue')
        return [
          problem(check, `the queue of ${name} does not exist`, 'Deploy again, then run reconcile --repair.'),
        ];
      return state === 'none'
        ? [
            problem(
              check,
              `the queue of ${name} has no dead-letter queue: failed messages are lost`,
              'Deploy again.',
            ),
          ]
        : [];
    }),
  );
  const problems = found.flat();
  return problems.length > 0 ? problems : [ok(check, `${names.length} queues, each with its dead letters`)];
}

async function checkEventSources({ resources }: DeployedStack, { mappingState }: StackClients) {
  const check = 'event-sources';
  const mappings = (await resources()).filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping');
  const states = await Promise.all(
    mappings.map(async (one) => ({ ...one, state: await mappingState(one.physicalId) })),
  );
  const off = states.filter(({ state }) => state !== 'Enabled');
  if (mappings.length === 0)
    return [problem(check, 'no function takes from a queue', 'Deploy again: a mapping was deleted.')];
  if (off.length === 0) return [ok(check, `${mappings.length} event source mappings are enabled`)];
  return off.map(({ logicalId, physicalId, state }) =>
    state === 'Enabling' || state === 'Updating' || state === 'Creating'
      ? warning(check, `${logicalId} is ${state}`, 'Wait a minute, then run it again.')
      : problem(
          check,
          `${logicalId} is ${state}: its queue is not worked on`,
          state === 'missing'
            ? 'Deploy again: the mapping was deleted.'
            : `aws lambda update-event-source-mapping --uuid ${physicalId} --enabled`,
        ),
  );
}

async function checkFunctions({ resources }: DeployedStack, { functionState }: StackClients) {
  const check = 'functions';
  const functions = (await resources()).filter(({ type }) => type === 'AWS::Lambda::Function');
  const found = await Promise.all(
    functions.map(async ({ logicalId, physicalId }): Promise<Finding[]> => {
      const { state, reserved } = await functionState(physicalId);
      if (state !== 'Active' && state !== 'Inactive')
        return [
          problem(check, `${logicalId} is ${state}`, 'Deploy again; aws lambda get-function says why.'),
        ];
      return reserved === 0
        ? [
            problem(
              check,
              `${logicalId} may not run: its reserved concurrency is 0`,
              `aws lambda delete-function-concurrency --function-name ${physicalId}`,
            ),
          ]
        : [];
    }),
  );
  const problems = found.flat();
  return problems.length > 0 ? problems : [ok(check, `${functions.length} functions can run`)];
}

async function checkSchedules({ resources }: DeployedStack, { isRuleOn }: StackClients) {
  const check = 'schedules';
  const rules = (await resources()).filter(
    ({ type, logicalId }) => type === 'AWS::Events::Rule' && !/DropEvents/.test(logicalId),
  );
  const off = await onlyThose(rules, async ({ physicalId }) => !(await isRuleOn(physicalId)));
  return off.length === 0
    ? [ok(check, `${rules.length} rules are enabled`)]
    : off.map(({ logicalId, physicalId }) =>
        problem(
          check,
          `the rule ${logicalId} is disabled: without the sweep a lost message stays lost`,
          `aws events enable-rule --name ${physicalId}`,
        ),
      );
}

async function checkTable({ outputs }: DeployedStack, { tableState }: StackClients) {
  const check = 'table';
  const { status, hasExpiry } = await tableState(outputs['TableName'] ?? '');
  if (status !== 'ACTIVE')
    return [
      problem(
        check,
        `the table is ${status}`,
        'Deploy again; restore it if it was deleted (docs/operations.md).',
      ),
    ];
  return hasExpiry
    ? [ok(check, 'the table is active, and rows expire')]
    : [
        warning(
          check,
          'time to live is off: rows of expired scans stay',
          'Deploy again, or enable it on expiresAt.',
        ),
      ];
}

/** The sources by their parameters, with the mistakes of each. */
async function checkSources(
  { stack }: StackQuestions,
  { ssm }: StackClients,
): Promise<{ sources: readonly Source[]; findings: Finding[] }> {
  const check = 'source-parameters';
  const fix = 'Correct the sources document and deploy, or the parameter by hand (docs/configuration.md).';
  const mistakes: Finding[] = [];
  const path = stack.outputs['SourcesPath'] ?? '';
  const log = (_level: string, message: string, fields: Readonly<Record<string, unknown>> = {}) =>
    void mistakes.push(
      problem(check, `${String(fields['source'])}: ${String(fields['problems'] ?? message)}`, fix),
    );
  let sources: readonly Source[] = [];
  const findings = await attempt(check, 'ssm:GetParametersByPath', async () => {
    sources = await createSourcesLoader(ssm, path, () => new Date(), log).loadSources();
    if (mistakes.length > 0) return mistakes;
    return sources.length > 0
      ? [ok(check, counted(sources.length, 'source'))]
      : [problem(check, `no source is below ${path}`, 'Deploy again: the parameters were deleted.')];
  });
  return { sources, findings };
}

/** Of each source: whether its secret is filled in, and whether Qure accepts what it holds. */
async function checkSecrets(
  { stack, askResults }: StackQuestions,
  { secretText }: StackClients,
  sources: readonly Source[],
): Promise<Finding[]> {
  const prefix = stack.outputs['SecretsPrefix'] ?? '';
  const found = await Promise.all(
    sources.map((source) =>
      attempt(`secret-${source.name}`, 'secretsmanager:GetSecretValue', async () => {
        const check = `secret-${source.name}`;
        const name = prefix + source.name;
        const put = `aws secretsmanager put-secret-value --secret-id ${name} --secret-string file://credentials.json`;
        const text = await secretText(name);
        if (text === undefined)
          return [problem(check, `the secret ${name} does not exist`, 'Deploy again, then fill it in.')];
        const credentials = parseCredentials(text, source.qure, source.network);
        if (credentials === undefined)
          return [
            problem(check, `the secret ${name} is not filled in, or is no {"baseUrl","token","source"}`, put),
          ];
        return [ok(check, 'the secret is filled in'), await judgeToken(source.name, credentials, askResults)];
      }),
    ),
  );
  return found.flat();
}

async function onlyThose<T>(items: readonly T[], isWanted: (item: T) => Promise<boolean>): Promise<T[]> {
  const wanted = await Promise.all(items.map(isWanted));
  return items.filter((_item, at) => wanted[at] === true);
}

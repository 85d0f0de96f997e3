import { defined } from '../../functions/shared/defined.ts';
import type { CommandSpec, World } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { CONFIG_ROW } from '../frame/shared-rows.ts';
import { findingLines } from '../output/finding-lines.ts';
import type { Finding } from '../preflight/finding.ts';
import { dataDirOf, targetOf, whereOf } from '../target/target.ts';

const ASK_MS = 5_000;

export const doctor: CommandSpec = {
  name: 'doctor',
  group: 'Set-up',
  summary: 'Checks the host on this machine or a deployed stack, with the fix for each mistake',
  about: `It changes nothing, and uploads nothing: it asks Qure for the results of a random series UID, and the
answer tells whether Qure accepts the token.
--stack also reads the secrets of the sources, to ask with their tokens. Before a first deployment: preflight.
  0: no problem (warnings may be there)
  1: a problem`,
  options: [{ ...CONFIG_ROW, help: 'the sources file of the host (default: the QURE_* variables)' }],
  hasTarget: true,
  printsJson: true,
  check: (given) => [
    ...(given.has('function') ? ['--function: expected --stack, whose outputs name the parts to check'] : []),
    ...(given.has('config') && given.has('stack')
      ? ['--config: expected it for the host on this machine only; a stack has its parameters']
      : []),
  ],
  async run(given, world) {
    const findings = await findingsOf(given, world);
    const lines = given.has('json') ? [JSON.stringify({ findings }, undefined, 2)] : findingLines(findings);
    for (const line of lines) world.print(line);
    return findings.some(({ level }) => level === 'problem') ? 1 : 0;
  },
};

async function findingsOf(given: Given, world: World): Promise<Finding[]> {
  const { createAskResults } = await import('../doctor/judge-token.ts');
  const { checkHost, proxyEnvironmentOf } = await import('../doctor/check-host.ts');
  const target = targetOf(given);
  const { env } = world;
  const common = {
    env,
    nowMs: world.now().getTime(),
    askResults: createAskResults(proxyEnvironmentOf(env)),
    askDate,
    where: whereOf(given),
  };
  if (target.kind !== 'stack') {
    const configFile = given.text('config');
    const call = await world.callerFor(target);
    // Another machine's data directory is not here.
    const dataDir = given.has('api') ? undefined : dataDirOf(given);
    return checkHost({ ...common, call, ...defined({ dataDir, configFile }) });
  }
  const { checkStack } = await import('../doctor/check-stack.ts');
  const { createAccount } = await import('../preflight/account.ts');
  const { readStack } = await import('../target/stack.ts');
  const stack = await readStack(target);
  return checkStack({
    ...common,
    stack,
    call: await world.callerFor(target),
    account: await createAccount(stack.region),
  });
}

/** What the server's clock says, by the header Date of any answer. */
async function askDate(url: string): Promise<number | undefined> {
  const answer = await fetch(url, {
    method: 'HEAD',
    redirect: 'manual',
    signal: AbortSignal.timeout(ASK_MS),
  }).catch(() => undefined);
  const at = Date.parse(answer?.headers.get('date') ?? '');
  return Number.isNaN(at) ? undefined : at;
}

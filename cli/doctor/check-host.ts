import { readProxyEnvironment } from '../../functions/aws/lambda/surroundings.ts';
import type { QureCredentials } from '../../functions/qure/credentials.ts';
import { type LocalSource, readLocalSources } from '../../local/host/local-sources.ts';
import { readQureConnection } from '../../local/options/qure-connection.ts';
import { UsageError } from '../../local/options/usage-error.ts';
import type { World } from '../frame/command.ts';
import { Given } from '../frame/given.ts';
import { counted } from '../output/counted.ts';
import { type Finding, ok, problem } from '../preflight/finding.ts';
import { startOptions } from '../start/start-options.ts';
import type { CallApi } from '../target/call-api.ts';
import { checkApi } from './api.ts';
import { type AskResults, judgeToken } from './judge-token.ts';
import { judgeClock, judgeDataDir, judgeEnvironment, judgeNode } from './machine.ts';

export interface HostQuestions {
  call: CallApi;
  /** Of the host on this machine; none where `--api` names another. */
  dataDir?: string;
  /** The options that lead there, for the commands of the fixes. */
  where: string;
  /** The sources file of the host. */
  configFile?: string;
  env: World['env'];
  nowMs: number;
  askResults: AskResults;
  askDate(url: string): Promise<number | undefined>;
}

/** Checks the host on this machine, and how Qure is reached from it. */
export async function checkHost(questions: HostQuestions): Promise<Finding[]> {
  const { call, dataDir, where, env, nowMs, askResults, askDate } = questions;
  const { sources, findings } = readSources(questions);
  const [first] = sources;
  const serverMs = first === undefined ? nowMs : await askDate(first.credentials.baseUrl);
  return [
    judgeNode(process.versions.node, dataDir !== undefined),
    ...(await judgeEnvironment(env)),
    ...(dataDir === undefined ? [] : await judgeDataDir(dataDir)),
    ...(first === undefined ? [] : [judgeClock(serverMs, nowMs)]),
    ...findings,
    ...(await Promise.all(
      sources.map(({ source, credentials }) => judgeToken(source.name, credentials, askResults)),
    )),
    ...(await checkApi(call, where)),
  ];
}

const SIMULATED: QureCredentials = { baseUrl: 'http://127.0.0.1:9', token: 'simulated', source: 'simulated' };

/** Sources that call a real Qure, as `start` would read them. */
function readSources({ configFile, env }: HostQuestions): { sources: LocalSource[]; findings: Finding[] } {
  const check = configFile === undefined ? 'qure-variables' : 'sources-document';
  const fix =
    configFile === undefined
      ? 'Correct the variables, or unset all three to use the simulator.'
      : 'Correct the sources file (docs/configuration.md).';
  const connection = readQureConnection(env, configFile);
  if ('problems' in connection)
    return { sources: [], findings: connection.problems.map((text) => problem(check, text, fix)) };
  try {
    const values = new Map(configFile === undefined ? [] : [['config', [configFile]]]);
    const options = startOptions(new Given([], values, new Set()), env);
    const all = readLocalSources(options, env, SIMULATED);
    const sources = all.filter(({ credentials }) => credentials !== SIMULATED);
    return {
      sources,
      findings: [ok(check, `${counted(all.length, 'source')}, ${sources.length} of them with a real Qure`)],
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { sources: [], findings: error.problems.map((text) => problem(check, text, fix)) };
  }
}

/** Variables that are wrong are told by a check of their own. */
export function proxyEnvironmentOf(env: World['env']) {
  try {
    return readProxyEnvironment(env);
  } catch {
    return {};
  }
}

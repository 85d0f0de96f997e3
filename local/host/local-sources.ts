import type { QureCredentials } from '../../functions/qure/credentials.ts';
import { isLicensed } from '../../functions/qure/product.ts';
import type { Source } from '../../functions/sources/source.ts';
import {
  type ConfiguredSource,
  LOCAL_DEFAULTS,
  parseSourcesDocument,
  SourcesDocumentError,
} from '../../functions/sources/sources-document.ts';
import { readSourcesYaml } from '../../infra/options/read-sources-yaml.ts';
import { type Options, UsageError } from '../options.ts';

/** A source of this host with the credentials for it. */
export interface LocalSource {
  source: Source;
  credentials: QureCredentials;
}

const DEFAULT_SOURCE_NAME = 'default';

/**
 * The sources of this run: those of the sources file, otherwise the one named `default`. Sources without credentials
 * use those of the simulator. Options of the command line have precedence over the file.
 *
 * @throws UsageError with every mistake of the file
 */
export function readLocalSources(
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
  simulator: QureCredentials | undefined,
): LocalSource[] {
  const { qure } = options;
  if (qure.kind !== 'config') {
    const [configured] = parseSourcesDocument({ sources: { [DEFAULT_SOURCE_NAME]: {} } }, LOCAL_DEFAULTS);
    const credentials = qure.kind === 'platform' ? qure.credentials : simulator;
    if (configured === undefined || credentials === undefined)
      throw new Error('expected credentials for the source');
    return [{ source: withTyped(configured.source, options), credentials }];
  }
  const problems: string[] = [];
  const sources = readFileSources(qure.configFile).flatMap((configured) => {
    const credentials = credentialsOf(configured, env, simulator, problems);
    const source = withTyped(configured.source, options);
    if (source.product !== undefined && !isLicensed(source, source.product)) {
      problems.push(`--product: expected one of sources.${source.name}.products, got ${source.product}`);
    }
    return credentials === undefined ? [] : [{ source, credentials }];
  });
  if (problems.length > 0) throw new UsageError(problems);
  return sources;
}

/** Whether a run needs the simulator: a source has no Qure. */
export function needsSimulator(options: Options): boolean {
  if (options.qure.kind !== 'config') return options.qure.kind === 'simulator';
  return readFileSources(options.qure.configFile).some(({ qure }) => qure === undefined);
}

function readFileSources(path: string): ConfiguredSource[] {
  try {
    return parseSourcesDocument(readSourcesYaml(path), LOCAL_DEFAULTS);
  } catch (error) {
    if (error instanceof SourcesDocumentError)
      throw new UsageError(error.problems.map((line) => `--config: ${line}`));
    const why = error instanceof Error ? error.message : 'not readable';
    throw new UsageError([`--config: expected a sources file in YAML or JSON, got: ${why}`]);
  }
}

function credentialsOf(
  { source, qure }: ConfiguredSource,
  env: Readonly<Record<string, string | undefined>>,
  simulator: QureCredentials | undefined,
  problems: string[],
): QureCredentials | undefined {
  if (qure === undefined) return simulator;
  const place = `--config: sources.${source.name}.qure`;
  const { baseUrl, source: workspace } = qure;
  // In the cloud, both may be in a secret instead; here there is none.
  if (baseUrl === undefined) problems.push(`${place}.baseUrl: expected a URL on one machine, got none`);
  if (workspace === undefined) problems.push(`${place}.source: expected a text on one machine, got none`);
  const token = qure.tokenEnv === undefined ? qure.token : env[qure.tokenEnv];
  if (token === undefined || token === '') {
    problems.push(
      qure.tokenEnv === undefined
        ? `${place}: expected token or tokenEnv, got neither`
        : `${place}.tokenEnv: expected ${qure.tokenEnv} to be set, it is empty`,
    );
    return undefined;
  }
  return baseUrl === undefined || workspace === undefined ? undefined : { baseUrl, token, source: workspace };
}

function withTyped(source: Source, options: Options): Source {
  const typed = (name: string) => options.qure.kind !== 'config' || options.typed.has(name);
  // Credentials of this host are complete, whatever secret the document names, and nothing expires here.
  const { qure: _address, retention: _retention, ...next } = source;
  if (options.product !== undefined) next.product = options.product;
  if (typed('quiet-period')) next.quietPeriodSeconds = options.quietPeriodSeconds;
  if (typed('poll-interval')) next.pollIntervalSeconds = options.pollIntervalSeconds;
  if (typed('results-timeout')) {
    next.resultsTimeoutSeconds = options.resultsTimeoutSeconds;
    next.deliveryTimeoutSeconds = options.resultsTimeoutSeconds;
  }
  if (typed('delivery')) next.delivery = options.delivery;
  if (typed('compute')) next.compute = options.compute;
  return next;
}

/** The parameters and secrets that the functions read, by name, as in a deployment. */
export function parametersOf(sources: readonly LocalSource[], path: string): Record<string, string> {
  return Object.fromEntries(
    sources.map(({ source: { name, ...document } }) => [path + name, JSON.stringify(document)]),
  );
}

export function secretsOf(sources: readonly LocalSource[], prefix: string): Record<string, string> {
  return Object.fromEntries(
    sources.map(({ source, credentials }) => [prefix + source.name, JSON.stringify(credentials)]),
  );
}

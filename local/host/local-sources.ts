import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isLoopbackBaseUrl } from '../../functions/qure/base-url.ts';
import type { QureCredentials } from '../../functions/qure/credentials.ts';
import { isLicensed } from '../../functions/qure/product.ts';
import { defined } from '../../functions/shared/defined.ts';
import { parseCertificates } from '../../functions/sources/ca-certificates.ts';
import { classifyKey } from '../../functions/sources/drop-key.ts';
import type { Source } from '../../functions/sources/source.ts';
import {
  CLOUD_DEFAULTS,
  type ConfiguredSource,
  LOCAL_DEFAULTS,
  parseSourcesDocument,
  type SourceDefaults,
  SourcesDocumentError,
} from '../../functions/sources/sources-document.ts';
import { readSourcesYaml } from '../../infra/options/read-sources-yaml.ts';
import { type Options, UsageError } from '../options.ts';

/** A source of this host with the credentials for it. */
export interface LocalSource {
  source: Source;
  credentials: QureCredentials;
  /** Of `network.caFile`. */
  caPem?: string;
}

const DEFAULT_SOURCE_NAME = 'default';

/** A Qure on this machine, as the simulator, is given up on in minutes: a person waits. Any other has the time of the cloud. */
function defaultsOf(baseUrl: string | undefined): SourceDefaults {
  if (baseUrl === undefined || isLoopbackBaseUrl(baseUrl)) return LOCAL_DEFAULTS;
  return { ...LOCAL_DEFAULTS, resultsTimeoutSeconds: CLOUD_DEFAULTS.resultsTimeoutSeconds };
}

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
    const credentials = qure.kind === 'platform' ? qure.credentials : simulator;
    const document = { sources: { [DEFAULT_SOURCE_NAME]: {} } };
    const [configured] = parseSourcesDocument(document, defaultsOf(credentials?.baseUrl));
    if (configured === undefined || credentials === undefined)
      throw new Error('expected credentials for the source');
    return [{ source: withTyped(configured.source, options), credentials }];
  }
  const problems: string[] = [];
  const sources = readFileSources(qure.configFile).flatMap((configured) => {
    const credentials = credentialsOf(configured, env, simulator, problems);
    const caPem = certificatesOf(configured, dirname(qure.configFile), env, problems);
    const source = withTyped(configured.source, options);
    if (source.product !== undefined && !isLicensed(source, source.product)) {
      problems.push(`--product: expected one of sources.${source.name}.products, got ${source.product}`);
    }
    return credentials === undefined ? [] : [{ source, credentials, ...defined({ caPem }) }];
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
    return parseSourcesDocument(readSourcesYaml(path), defaultsOf);
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

function certificatesOf(
  { source, network = {} }: ConfiguredSource,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined {
  const place = `--config: sources.${source.name}.network`;
  if (network.caFile === undefined) {
    if (network.caSecretName !== undefined && (env.NODE_EXTRA_CA_CERTS ?? '') === '')
      problems.push(
        `${place}: expected caFile or NODE_EXTRA_CA_CERTS on one machine beside caSecretName, got neither`,
      );
    return undefined;
  }
  let text = '';
  try {
    text = readFileSync(resolve(folder, network.caFile), 'utf8');
  } catch {
    // As if it were empty.
  }
  const certificates = parseCertificates(text);
  if (certificates === undefined)
    problems.push(
      `${place}.caFile: expected a readable file with PEM certificates, got none at ${network.caFile}`,
    );
  return certificates;
}

function withTyped(source: Source, options: Options): Source {
  const typed = (name: string) => options.qure.kind !== 'config' || options.typed.has(name);
  // Credentials of this host are complete, whatever secret the document names, and nothing expires here.
  const { qure: _address, retention: _retention, ...next } = source;
  if (options.product !== undefined) next.product = options.product;
  if (typed('quiet-period')) next.quietPeriodSeconds = options.quietPeriodSeconds;
  if (typed('completion')) next.completion = { ...next.completion, mode: options.completion };
  if (typed('poll-interval')) {
    delete next.pollIntervalSeconds;
    Object.assign(next, defined({ pollIntervalSeconds: options.pollIntervalSeconds }));
  }
  if (options.resultsTimeoutSeconds !== undefined) {
    next.resultsTimeoutSeconds = options.resultsTimeoutSeconds;
    next.deliveryTimeoutSeconds = options.resultsTimeoutSeconds;
  }
  if (typed('delivery')) next.delivery = options.delivery;
  if (typed('compute')) next.compute = options.compute;
  return next;
}

/** The secret that holds the certificates of a source here, whatever secret the document names. */
const caSecretNameOf = ({ name }: Source) => `certificates/${name}`;

/** The parameters and secrets that the functions read, by name, as in a deployment. */
export function parametersOf(sources: readonly LocalSource[], path: string): Record<string, string> {
  return Object.fromEntries(
    sources.map(({ source, caPem }) => {
      const { name, network: { caSecretName: _ofTheCloud, ...way } = {}, ...document } = source;
      const network = { ...way, ...(caPem !== undefined && { caSecretName: caSecretNameOf(source) }) };
      const written = Object.keys(network).length === 0 ? document : { ...document, network };
      return [path + name, JSON.stringify(written)];
    }),
  );
}

export function secretsOf(sources: readonly LocalSource[], prefix: string): Record<string, string> {
  return Object.fromEntries(
    sources.flatMap(({ source, credentials, caPem }) => [
      [prefix + source.name, JSON.stringify(credentials)],
      ...(caPem === undefined ? [] : [[caSecretNameOf(source), caPem]]),
    ]),
  );
}

/** As the indexer tells it; `undefined` for a key of no source. */
export function sourceNameOfKey(key: string, sources: readonly LocalSource[]): string | undefined {
  const place = classifyKey(
    key,
    undefined,
    sources.map(({ source }) => source),
  );
  return 'source' in place ? place.source.name : undefined;
}

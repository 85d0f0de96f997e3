import { isLicensed, PRODUCTS } from '../../functions/qure/product.ts';
import { defined } from '../../functions/shared/defined.ts';
import { readQureConnection } from '../../local/options/qure-connection.ts';
import { type Options, UsageError } from '../../local/options.ts';
import type { World } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { DEFAULT_DATA_DIR } from '../frame/shared-rows.ts';

const DEFAULT_PORT = 4800;
const DEFAULT_S3_PORT = 4566;

/** Mistakes between the options of `start`, and in the variables for Qure. */
export function startProblems(given: Given, env: World['env']): string[] {
  const problems: string[] = [];
  const port = given.number('port') ?? DEFAULT_PORT;
  if (port !== 0 && port === (given.number('s3-port') ?? DEFAULT_S3_PORT)) {
    problems.push(`--port and --s3-port: expected two different ports, got ${port} for both: change one`);
  }
  const configFile = given.text('config');
  const product = given.text('product');
  // With a sources file, each source defines this (`local-sources.ts`).
  if (product !== undefined && configFile === undefined && !isLicensed({}, product)) {
    const got = JSON.stringify(product);
    problems.push(
      `--product: expected one of ${PRODUCTS.join(', ')}, got ${got}: choose one of these, or define it in a sources file`,
    );
  }
  const qure = readQureConnection(env, configFile);
  return 'problems' in qure ? [...problems, ...qure.problems] : problems;
}

/** The options of the host; touches no file (`checkPaths` does). @throws UsageError for the variables of Qure */
export function startOptions(given: Given, env: World['env']): Options {
  const configFile = given.text('config');
  const qure = readQureConnection(env, configFile);
  if ('problems' in qure) throw new UsageError(qure.problems);
  return {
    paths: [...given.operands],
    once: given.has('once'),
    ...defined({ jsonFile: given.text('json') }),
    quietPeriodSeconds: given.number('quiet-period') ?? 5,
    completion: given.text('completion') === 'quiet' ? 'quiet' : 'adaptive',
    pollIntervalSeconds: given.number('poll-interval') ?? 1,
    ...defined({ resultsTimeoutSeconds: given.number('results-timeout') }),
    ...defined({ product: given.text('product') }),
    delivery: given.text('delivery') === 'external' ? 'external' : 'upload',
    compute: given.text('compute') === 'automatic' ? 'automatic' : 'call',
    phi: given.text('phi') === 'show' ? 'show' : 'hide',
    dataDir: given.text('data-dir') ?? DEFAULT_DATA_DIR,
    port: given.number('port') ?? DEFAULT_PORT,
    s3Port: given.number('s3-port') ?? DEFAULT_S3_PORT,
    ...defined({ configFile }),
    qure: qure.connection,
    typed: new Set(given.names()),
    notes: qure.notes,
  };
}

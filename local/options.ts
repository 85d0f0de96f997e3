import { isLicensed, PRODUCTS, type Product } from '../functions/qure/product.ts';
import { defined } from '../functions/shared/defined.ts';
import packageJson from '../package.json' with { type: 'json' };
import { helpText } from './options/help.ts';
import { nearestName } from './options/nearest-name.ts';
import { OPTION_ROWS } from './options/option-table.ts';
import { readOptionValue } from './options/option-value.ts';
import { type QureConnection, readQureConnection } from './options/qure-connection.ts';
import { UsageError } from './options/usage-error.ts';

export type { QureConnection } from './options/qure-connection.ts';
export { UsageError } from './options/usage-error.ts';

/** The options of `npm start -- [paths...] [options]`. Times are seconds and may have decimals. */
export interface Options {
  /** As typed. Empty: drop generated sample studies. */
  paths: string[];
  /** Exit when every dropped series is final. */
  once: boolean;
  /** Write the report there on exit. */
  jsonFile?: string;
  quietPeriodSeconds: number;
  pollIntervalSeconds: number;
  resultsTimeoutSeconds: number;
  /** Route everything to it; absent: by rules. */
  product?: Product;
  delivery: 'upload' | 'external';
  compute: 'call' | 'automatic';
  dataDir: string;
  /** Console and API; 0 is any free port. */
  port: number;
  s3Port: number;
  /** The sources file. */
  configFile?: string;
  qure: QureConnection;
  /** Names of options on the command line: only these have precedence over a sources file. */
  typed: ReadonlySet<string>;
  /** One line each for the terminal, about options without an effect. */
  notes: string[];
}

export type Command = { kind: 'run'; options: Options } | { kind: 'show'; text: string };

/**
 * Reads the command line (without node and script) and the environment; touches no file (`checkPaths` does).
 * The last value of a repeated option counts. Throws UsageError with one line for every mistake.
 */
export function parseOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command {
  const { values, paths, problems } = splitArguments(argv);
  if (values.has('help')) return { kind: 'show', text: helpText() };
  if (values.has('version')) return { kind: 'show', text: `${packageJson.name} ${packageJson.version}` };

  const text = (name: string): string | undefined => values.get(name);
  const port = Number(text('port') ?? 4800);
  const s3Port = Number(text('s3-port') ?? 4566);
  if (port !== 0 && port === s3Port) {
    problems.push(`--port and --s3-port: expected two different ports, got ${port} for both: change one`);
  }
  const configFile = text('config');
  const product = text('product');
  // With a sources file, each source defines this (`local-sources.ts`).
  if (product !== undefined && configFile === undefined && !isLicensed({}, product)) {
    const given = JSON.stringify(product);
    problems.push(
      `--product: expected one of ${PRODUCTS.join(', ')}, got ${given}: choose one of these, or define it in a sources file`,
    );
  }
  const qure = readQureConnection(env, configFile);
  if ('problems' in qure) throw new UsageError([...problems, ...qure.problems]);
  if (problems.length > 0) throw new UsageError(problems);

  const jsonFile = text('json');
  return {
    kind: 'run',
    options: {
      paths,
      once: values.has('once'),
      ...defined({ jsonFile }),
      quietPeriodSeconds: Number(text('quiet-period') ?? 5),
      pollIntervalSeconds: Number(text('poll-interval') ?? 1),
      resultsTimeoutSeconds: Number(text('results-timeout') ?? 120),
      ...defined({ product }),
      delivery: text('delivery') === 'external' ? 'external' : 'upload',
      compute: text('compute') === 'automatic' ? 'automatic' : 'call',
      dataDir: text('data-dir') ?? '.local',
      port,
      s3Port,
      ...defined({ configFile }),
      qure: qure.connection,
      typed: new Set(values.keys()),
      notes: qure.notes,
    },
  };
}

interface SplitArguments {
  /** Checked texts; a flag has an empty one. */
  values: Map<string, string>;
  paths: string[];
  problems: string[];
}

function splitArguments(argv: readonly string[]): SplitArguments {
  const split: SplitArguments = { values: new Map(), paths: [], problems: [] };
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? '';
    if (argument === '--') {
      for (const path of argv.slice(at + 1)) addPath(split, path);
      break;
    }
    if (!argument.startsWith('-') || argument === '-') {
      addPath(split, argument);
      continue;
    }
    const equals = argument.indexOf('=');
    const typedName = equals === -1 ? argument : argument.slice(0, equals);
    const inline = equals === -1 ? undefined : argument.slice(equals + 1);
    const row = OPTION_ROWS.find(({ name }) => `--${name}` === typedName || SHORT_NAMES[typedName] === name);
    if (row === undefined) {
      split.problems.push(unknownOption(typedName));
      continue;
    }
    const next = argv[at + 1];
    const takesNext =
      row.value.kind !== 'flag' && inline === undefined && next !== undefined && !/^--?[a-z]/i.test(next);
    if (takesNext) at += 1;
    const value = inline ?? (takesNext ? next : undefined);
    const read = readOptionValue(row, value);
    if ('problem' in read) split.problems.push(read.problem);
    else split.values.set(row.name, read.value);
  }
  return split;
}

const SHORT_NAMES: Record<string, string | undefined> = { '-h': 'help', '-V': 'version' };

function addPath(split: SplitArguments, path: string): void {
  if (path === '')
    split.problems.push('expected a path, got an empty one: name a file, a folder or a zip archive');
  else split.paths.push(path);
}

function unknownOption(typedName: string): string {
  const nearest = nearestName(
    typedName.replace(/^-+/, ''),
    OPTION_ROWS.map(({ name }) => name),
  );
  const advice = nearest === undefined ? 'see --help' : `did you mean --${nearest}?`;
  return `expected an option of --help, got ${JSON.stringify(typedName)}: ${advice}`;
}

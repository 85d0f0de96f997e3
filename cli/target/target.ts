import { resolve } from 'node:path';
import { defined } from '../../functions/shared/defined.ts';
import { findConsole } from '../../local/host/console-address.ts';
import type { Given } from '../frame/given.ts';
import type { OptionRow } from '../frame/option-row.ts';
import { DATA_DIR_ROW, DEFAULT_DATA_DIR } from '../frame/shared-rows.ts';

/** Where the API is. */
export type Target =
  /** A host on one machine, or whatever else answers at this URL. With a region the requests are signed. */
  | { kind: 'http'; baseUrl: string; region?: string }
  /** The API function of a deployment, invoked directly. */
  | { kind: 'function'; name: string; region?: string }
  /** A deployed stack, whose outputs say where its parts are. */
  | { kind: 'stack'; name: string; prefix: string; region?: string };

export const DEFAULT_API = 'http://127.0.0.1:4800';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

export const REGION_ROW: OptionRow = {
  name: 'region',
  placeholder: 'R',
  value: { kind: 'pattern', pattern: REGION, what: 'a region such as eu-central-1' },
  help: 'AWS region (default: that of your AWS profile)',
};

/** Every command that calls the API takes these. */
export const TARGET_ROWS: readonly OptionRow[] = [
  {
    name: 'stack',
    placeholder: 'NAME',
    value: {
      kind: 'pattern',
      pattern: /^[A-Za-z][A-Za-z0-9-]{0,127}(?:\/[A-Za-z0-9]{1,64})?$/,
      what: 'the name of a stack, or NAME/PREFIX of one of its deployments',
    },
    help: 'a deployed stack, by its outputs and your AWS credentials',
  },
  {
    name: 'api',
    placeholder: 'URL',
    value: { kind: 'url' },
    help: `the API at this URL; signed for API Gateway, or with --region (default: ${DEFAULT_API})`,
  },
  {
    name: 'function',
    placeholder: 'NAME',
    value: {
      kind: 'pattern',
      pattern: /^[A-Za-z0-9_][A-Za-z0-9:_-]{0,169}$/,
      what: 'the name or ARN of a function',
    },
    help: 'the API function of a deployment (output ApiFunctionName)',
  },
  REGION_ROW,
  { ...DATA_DIR_ROW, help: `the host on this data directory (default: ${DEFAULT_DATA_DIR})` },
];

const PLACES = ['stack', 'api', 'function', 'data-dir'];
/** Where a command goes that names no place. */
const PLACES_OF_ENVIRONMENT = { stack: 'QURE_DROPOFF_STACK', api: 'QURE_DROPOFF_API' };

/** The places that the environment names, as options; none where the command line names one. */
export function placesOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  isTyped: (name: string) => boolean,
): { name: string; variable: string; value: string }[] {
  if (PLACES.some(isTyped)) return [];
  return Object.entries(PLACES_OF_ENVIRONMENT).flatMap(([name, variable]) => {
    const value = env[variable] ?? '';
    return value === '' ? [] : [{ name, variable, value }];
  });
}

export function targetProblems(given: Given): string[] {
  const places = PLACES.filter((name) => given.has(name));
  if (places.length > 1)
    return [`expected one of ${places.map((name) => `--${name}`).join(' and ')}, got ${places.length}`];
  const isLocal = !given.has('stack') && !given.has('api') && !given.has('function');
  return given.has('region') && isLocal
    ? ['--region: expected it with --stack, --api or --function only']
    : [];
}

/** Call it for options that have no mistakes. */
export function targetOf(given: Given): Target {
  const region = given.text('region');
  const stack = given.text('stack');
  if (stack !== undefined) {
    const [name = '', prefix = ''] = stack.split('/');
    return { kind: 'stack', name, prefix, ...defined({ region }) };
  }
  const name = given.text('function');
  if (name !== undefined) return { kind: 'function', name, ...defined({ region }) };
  const api = given.text('api');
  if (api !== undefined)
    return { kind: 'http', baseUrl: api, ...defined({ region: region ?? gatewayRegion(api) }) };
  return { kind: 'http', baseUrl: findConsole(dataDirOf(given)) ?? DEFAULT_API };
}

export function dataDirOf(given: Given): string {
  return resolve(given.text('data-dir') ?? DEFAULT_DATA_DIR);
}

/** The options that lead to the same place, after a blank: for commands that are told to be run. */
export function whereOf(given: Given): string {
  return [...PLACES, 'region']
    .flatMap((name) =>
      given
        .all(name)
        .slice(-1)
        .map((value) => ` --${name} ${shellWord(value)}`),
    )
    .join('');
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Whether it is a host on one machine, as far as the command line says. */
export function isLocal(given: Given): boolean {
  return !given.has('stack') && !given.has('api') && !given.has('function');
}

/** Of API Gateway's own host names; others are signed if a region is given. */
function gatewayRegion(api: string): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(new URL(api).hostname)?.[1];
}

import { parseArgs } from 'node:util';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../options/usage-error.ts';

/** The address of the API: the one-machine host (or another HTTP server), or the function of a deployment. */
export type ApiPlace =
  | { kind: 'http'; baseUrl: string }
  | { kind: 'function'; name: string; region?: string };

export type Values = Record<string, string | boolean | undefined>;

export const DEFAULT_API = 'http://127.0.0.1:4800';

/** Every command has these. */
const COMMON = {
  api: { type: 'string' },
  function: { type: 'string' },
  region: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export const COMMON_HELP = `  --api URL        the API of a host; default ${DEFAULT_API}
  --function NAME  the API function of a deployment instead (output ApiFunctionName)
  --region R       its region; default: that of your AWS profile
  --json           print JSON
  --help           print this`;

/** Reads the options of a command. @throws UsageError with every mistake */
export function readOptions(
  argv: readonly string[],
  options: Record<string, { type: 'string' | 'boolean' }>,
): Values {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...COMMON, ...options },
      strict: true,
      allowPositionals: false,
    });
    const given = Object.entries(values).map(([name, value]) => [name, scalar(value)] as const);
    const empty = given.filter(([, value]) => value === '').map(([name]) => `--${name}: expected a value`);
    if (empty.length > 0) throw new UsageError(empty);
    return Object.fromEntries(given);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError([`${message.split('. ')[0]}; --help lists the options`]);
  }
}

function scalar(value: unknown): string | boolean | undefined {
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}

export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws UsageError */
export function placeOf(values: Values): ApiPlace {
  const name = textOf(values, 'function');
  const api = textOf(values, 'api');
  const region = textOf(values, 'region');
  if (name !== undefined) {
    if (api !== undefined) throw new UsageError(['expected --api or --function, got both']);
    if (!/^[A-Za-z0-9_][A-Za-z0-9:_-]{0,169}$/.test(name))
      throw new UsageError(['--function: expected the name or ARN of a function']);
    if (region !== undefined && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
      throw new UsageError(['--region: expected a region such as eu-central-1']);
    return { kind: 'function', name, ...defined({ region }) };
  }
  if (region !== undefined) throw new UsageError(['--region: expected it with --function only']);
  const baseUrl = api ?? DEFAULT_API;
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw new UsageError([`--api: expected an http or https URL such as ${DEFAULT_API}`]);
  return { kind: 'http', baseUrl };
}

import { readBaseUrl } from '../../functions/qure/base-url.ts';
import type { QureCredentials } from '../../functions/qure/credentials.ts';

/** The Qure that this run calls. */
export type QureConnection =
  | { kind: 'simulator' }
  | { kind: 'platform'; credentials: QureCredentials }
  | { kind: 'config'; configFile: string };

export type QureConnectionResult = { connection: QureConnection; notes: string[] } | { problems: string[] };

const NAMES = ['QURE_BASE_URL', 'QURE_TOKEN', 'QURE_SOURCE'] as const;

/**
 * Reads the QURE_* variables: all three or none. An empty one counts as not set. A sources file has precedence.
 * Problems never contain a value: it may be the token.
 */
export function readQureConnection(
  env: Readonly<Record<string, string | undefined>>,
  configFile: string | undefined,
): QureConnectionResult {
  const set = NAMES.filter((name) => (env[name] ?? '').trim() !== '');
  if (configFile !== undefined) {
    const notes =
      set.length === 0 ? [] : [`--config is given: ${set.join(', ')} in the environment not used`];
    return { connection: { kind: 'config', configFile }, notes };
  }
  if (set.length === 0) return { connection: { kind: 'simulator' }, notes: [] };
  const missing = NAMES.filter((name) => !set.includes(name));
  if (missing.length > 0) {
    return {
      problems: [
        `expected QURE_BASE_URL, QURE_TOKEN and QURE_SOURCE together, got only ${set.join(' and ')}: ` +
          `set ${missing.join(' and ')} too, or unset all to use the simulator`,
      ],
    };
  }
  const token = (env.QURE_TOKEN ?? '').trim();
  const source = (env.QURE_SOURCE ?? '').trim();
  const base = readBaseUrl((env.QURE_BASE_URL ?? '').trim());
  const baseProblem =
    base.kind === 'invalid' ? `QURE_BASE_URL: ${base.detail}: use the one that Qure issued` : undefined;
  const problems = [baseProblem, tokenProblem(token), sourceProblem(source)];
  const found = problems.filter((problem) => problem !== undefined);
  if (base.kind === 'invalid' || found.length > 0) return { problems: found };
  const baseUrl = base.origin + base.pathPrefix;
  return { connection: { kind: 'platform', credentials: { baseUrl, token, source } }, notes: [] };
}

function tokenProblem(token: string): string | undefined {
  if (/^(?:token|bearer)\s/i.test(token)) {
    return 'QURE_TOKEN: expected only the token, got a word before it: leave out "Token" or "Bearer"';
  }
  return /^[\x21-\x7e]+$/.test(token)
    ? undefined
    : 'QURE_TOKEN: expected printable ASCII without spaces, got other characters: copy it again';
}

function sourceProblem(source: string): string | undefined {
  return /^[\x20-\x7e]+$/.test(source)
    ? undefined
    : 'QURE_SOURCE: expected printable ASCII, got other characters: copy it again';
}

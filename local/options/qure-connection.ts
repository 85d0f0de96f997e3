import type { QureCredentials } from '../../functions/core/source.ts';

/** Which Qure this run talks to. */
export type QureConnection =
  | { kind: 'simulator' }
  | { kind: 'platform'; credentials: QureCredentials }
  | { kind: 'config'; configFile: string };

export type QureConnectionResult = { connection: QureConnection; notes: string[] } | { problems: string[] };

const NAMES = ['QURE_BASE_URL', 'QURE_TOKEN', 'QURE_SOURCE'] as const;

/**
 * Reads the QURE_* variables: all three or none. An empty one counts as not set. A sources file wins over them.
 * Problems never repeat a value: it may be the token.
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
  const problems = ['problem' in base ? base.problem : undefined, tokenProblem(token), sourceProblem(source)];
  const found = problems.filter((problem) => problem !== undefined);
  if ('problem' in base || found.length > 0) return { problems: found };
  return { connection: { kind: 'platform', credentials: { baseUrl: base.url, token, source } }, notes: [] };
}

function readBaseUrl(text: string): { url: string } | { problem: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return {
      problem: 'QURE_BASE_URL: expected an https URL, got something else: use the one that Qure issued',
    };
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return {
      problem:
        'QURE_BASE_URL: expected a plain URL, got one with a user, a query or a fragment: leave these out, ' +
        'credentials go into QURE_TOKEN and QURE_SOURCE',
    };
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return {
      problem:
        'QURE_BASE_URL: expected https, got http to another machine: scans and the token would be readable',
    };
  }
  return { url: url.href.replace(/\/+$/, '') };
}

function tokenProblem(token: string): string | undefined {
  if (/^(?:token|bearer)\s/i.test(token)) {
    return 'QURE_TOKEN: expected the bare token, got one with a word before it: leave out "Token" or "Bearer"';
  }
  return /^[\x21-\x7e]+$/.test(token)
    ? undefined
    : 'QURE_TOKEN: expected printable ASCII without blanks, got other characters: copy it again';
}

function sourceProblem(source: string): string | undefined {
  return /^[\x20-\x7e]+$/.test(source)
    ? undefined
    : 'QURE_SOURCE: expected printable ASCII, got other characters: copy it again';
}

/** `hostname` as URL has it: lower case, IPv6 in brackets. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

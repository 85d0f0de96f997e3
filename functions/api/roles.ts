/**
 * What a person may do, by the roles of the token: `qure-dropoff:read`, `qure-dropoff:act` and `qure-dropoff:phi` for every source, and
 * with `:<source>` behind them for one. No name of a source has a colon.
 */

export type Role = 'read' | 'act' | 'phi';

/** The sources to which a role extends. */
export interface Reach {
  isAll: boolean;
  /** Where it is not all of them. */
  sources: readonly string[];
}

/** Who acts on a source may read it as well: each action answers with what it was done to. To see its patients is a role of its own. */
export type Access = Readonly<Record<Role, Reach>>;

const EVERYTHING: Reach = { isAll: true, sources: [] };
export const FULL_ACCESS: Access = { read: EVERYTHING, act: EVERYTHING, phi: EVERYTHING };

const PREFIX = 'qure-dropoff';

/** The names of the roles either of which is enough, for an answer to a person without them. */
export function rolesFor(role: Role, source = '<source>'): string {
  return `${PREFIX}:${role} or ${PREFIX}:${role}:${source}`;
}

export function roleForAll(role: Role): string {
  return `${PREFIX}:${role}`;
}

/** Anything else in the claim is of other programs, and gives nothing. */
export function accessOf(claim: unknown): Access {
  const roles = new Set(namesIn(claim));
  const act = reachOf(roles, ['act']);
  return { read: reachOf(roles, ['read', 'act']), act, phi: reachOf(roles, ['phi']) };
}

function reachOf(roles: ReadonlySet<string>, enough: readonly Role[]): Reach {
  if (enough.some((role) => roles.has(roleForAll(role)))) return EVERYTHING;
  const sources = [...roles].flatMap((name) => {
    const [prefix, role, source, ...more] = name.split(':');
    const isOne = prefix === PREFIX && enough.some((one) => one === role) && more.length === 0;
    return isOne && source ? [source] : [];
  });
  return { isAll: false, sources: [...new Set(sources)].sort() };
}

/**
 * Providers write a list, or one text with spaces or commas. An HTTP API of API Gateway gives every claim as a text, a list as
 * `[one two]`: documented nowhere, seen by many (aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock#802).
 */
function namesIn(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.filter((name): name is string => typeof name === 'string');
  if (typeof claim !== 'string') return [];
  const list = /^\[(.*)\]$/s.exec(claim)?.[1] ?? claim;
  return list.split(/[\s,]+/).filter((name) => name !== '');
}

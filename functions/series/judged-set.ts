import { createHash } from 'node:crypto';
import { fingerprintOf, type Instance } from '../instances/instance.ts';
import type { SeriesId } from '../instances/series-id.ts';
import { defined } from '../shared/defined.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import { isPastRetention, seriesDaysOf } from '../sources/row-expiry.ts';
import type { Source } from '../sources/source.ts';
import { isFinal, type JudgedSet, type Series } from './series.ts';

/**
 * Instance rows expire one after another, and late. What is left of a series then looks like one from which instances were taken
 * away on purpose, and would be computed as a smaller set. So each judgement stores which instances it was of, and from the
 * expiry of the first of them on no set is computed that lacks one.
 */

/** The instances of a judged set, each as `memberOf` it. */
export interface JudgedSetStore {
  put(id: SeriesId, fingerprint: string, members: readonly string[], expiresAt?: Instant): Promise<void>;
  /** Strongly consistent; `undefined` where it is not known. */
  load(id: SeriesId, fingerprint: string): Promise<readonly string[] | undefined>;
}

/** `expired`: instances that were judged before are missing from `instances`, because their rows have expired. */
export interface HeldSet {
  kind: 'whole' | 'expired';
  instances: readonly Instance[];
}

export interface HeldSetDeps {
  judgedSets: Pick<JudgedSetStore, 'load'>;
}

/** For people. */
export const EXPIRED_DETAIL =
  'instances of the series have expired, and it is not computed without them; drop the whole series again';

/** Of all members in a row of 400 KB there is room for so many; of a larger set nothing is known once it has expired. */
const MAX_MEMBERS = 40_000;

const MEMBER_CHARACTERS = 8;

/** 48 bits of a hash: enough to find out whether one of some thousand is missing. */
export function memberOf({ sopInstanceUid }: Pick<Instance, 'sopInstanceUid'>): string {
  return createHash('sha256').update(sopInstanceUid).digest('base64url').slice(0, MEMBER_CHARACTERS);
}

/** `undefined` for a set that is too large. */
export function membersOf(instances: readonly Instance[]): string[] | undefined {
  return instances.length > MAX_MEMBERS ? undefined : instances.map(memberOf).sort();
}

/** What a series keeps of a judgement by these rows. */
export function judgedSetOf(
  instances: readonly Instance[],
  { retention }: Pick<Source, 'retention'>,
): JudgedSet | undefined {
  const [expiresAt] = instances.flatMap((row) => row.expiresAt ?? []).sort();
  if (expiresAt === undefined) return undefined;
  return {
    fingerprint: fingerprintOf(instances),
    expiresAt,
    ...defined({ keepDays: seriesDaysOf(retention) }),
  };
}

/**
 * Whether rows of the series may be gone by now. A series that is receiving has rows that no judgement has seen: they may be gone
 * once it has waited for longer than its objects are kept, which takes a pipeline that does not run for weeks. Functions of an
 * earlier version judge without storing the set.
 */
export function hasExpired(series: Series, { retention }: Pick<Source, 'retention'>, now: Instant): boolean {
  const { judgedSet } = series;
  if (judgedSet !== undefined && judgedSet.expiresAt <= now) return true;
  if (series.state === 'RECEIVING') return isPastRetention(series.changedAt, retention, now);
  return judgedSet === undefined && isPastRetention(series.completedAt, retention, now);
}

/** When the row of a series expires; `undefined`: never, or not before it is final. */
export function finalExpiryOf(series: Series): Instant | undefined {
  return isFinal(series) ? keptUntil(series, series.changedAt) : undefined;
}

/** When a row that is written now, about what Qure was given or has answered, expires. */
export function keptUntil({ judgedSet }: Pick<Series, 'judgedSet'>, now: Instant): Instant | undefined {
  const { keepDays } = judgedSet ?? {};
  return keepDays === undefined ? undefined : addSeconds(now, keepDays * 86_400);
}

/** Rows that have expired do not count, whether DynamoDB has deleted them or not yet. */
export function unexpired(rows: readonly Instance[], now: Instant): Instance[] {
  return rows.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}

/** What the rows of a series say. */
export async function heldSetOf(
  { judgedSets }: HeldSetDeps,
  series: Series,
  rows: readonly Instance[],
  source: Pick<Source, 'retention'>,
  now: Instant,
): Promise<HeldSet> {
  const instances = unexpired(rows, now);
  if (!hasExpired(series, source, now)) return { kind: 'whole', instances };
  const { judgedSet } = series;
  const judged = judgedSet && (await judgedSets.load(series, judgedSet.fingerprint));
  const isWhole = judged === undefined ? isCounted(series, instances) : areAmong(judged, instances);
  return { kind: isWhole ? 'whole' : 'expired', instances };
}

function areAmong(members: readonly string[], instances: readonly Instance[]): boolean {
  const present = new Set(instances.map(memberOf));
  return members.every((member) => present.has(member));
}

/** Of a set that an earlier version has judged nothing but the number is known; its rows do not expire. */
function isCounted(series: Series, instances: readonly Instance[]): boolean {
  return series.judgedSet === undefined && 'instances' in series && instances.length >= series.instances;
}

/** When the row was dropped, or indexed, whichever is later. */
export function arrivalOf({ object, indexedAt }: Instance): Instant {
  const { lastModified = indexedAt } = object;
  return lastModified > indexedAt ? lastModified : indexedAt;
}

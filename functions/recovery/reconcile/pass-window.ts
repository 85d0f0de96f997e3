import { createHash } from 'node:crypto';
import { defined } from '../../shared/defined.ts';
import { addSeconds, type Instant, secondsBetween } from '../../shared/time.ts';
import type { Source } from '../../sources/source.ts';
import { type ReconciliationPass, START } from './reconciliation.ts';

/**
 * A pass looks up what has changed since the last one, which the listing of the bucket tells without a read. Everything is
 * looked up once in 30 days: it finds what came without a new LastModified (docs/operations.md, "What a pass looks up").
 */
const FULL_EVERY_SECONDS = 30 * 86_400;

/**
 * A pass looks back beyond the start of the last one: clocks differ, what was too young then was not checked, and each object is
 * looked up by two passes at least.
 */
const OVERLAP_SECONDS = 2 * 86_400;

/** The next pass. It is a full one on request, every 30 days, and where other keys belong to the sources than at the last one. */
export function beginPass(
  last: ReconciliationPass | undefined,
  scope: string,
  isFull: boolean,
  now: Instant,
): ReconciliationPass {
  const { checked } = last ?? {};
  const begun = { startedAt: now, position: START, counts: {}, scope, ...defined({ checked }) };
  const isFullDue =
    checked === undefined ||
    checked.scope !== scope ||
    secondsBetween(checked.fullAt, now) >= FULL_EVERY_SECONDS;
  return isFull || isFullDue ? begun : { ...begun, since: addSeconds(checked.lastAt, -OVERLAP_SECONDS) };
}

/** A pass that has failed somewhere, or has only reported, counts as none: the next one looks back as far as it did. */
export function endPass(pass: ReconciliationPass): ReconciliationPass {
  const { startedAt, since, checked, scope = '' } = pass;
  if (Object.keys(pass.counts).some((name) => / (failed|reported)$/.test(name))) return pass;
  const fullAt = since === undefined ? startedAt : (checked?.fullAt ?? startedAt);
  return { ...pass, checked: { lastAt: startedAt, fullAt, scope } };
}

/** Which keys belong to which source. A source that is added later may have had objects for years. */
export function scopeOf(sources: readonly Source[], misconfiguredPrefixes: readonly string[]): string {
  const parts = [...sources.map(({ name, prefix }) => `${name} ${prefix}`), ...misconfiguredPrefixes].sort();
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

import type { Instance } from '../instances/instance.ts';
import { licensedProduct, type Product } from '../qure/product.ts';
import { ruleHolds } from '../routing/conditions.ts';
import { DEFAULT_RULES, GUARD_RULES } from '../routing/default-rules.ts';
import type { Priority } from '../routing/priority.ts';
import { profileKey, profileOf, type RoutingProfile } from '../routing/profile.ts';
import { type RoutingRule, routingRule } from '../routing/rules.ts';
import { priorityField } from '../series/job.ts';
import type { Source } from '../sources/source.ts';

/** Where a series goes. `reason` is a stable code; `detail` is for people and quotes no free text of the header. */
export type Route =
  | { kind: 'product'; product: Product; rule: string; priority?: 'urgent' }
  | { kind: 'skip'; reason: string; rule: string; detail?: string };

export type RoutingSource = Pick<Source, 'product' | 'products' | 'priority' | 'rules' | 'useDefaultRules'>;

const NO_RULE = routingRule('none', {}, { skip: 'no_route' });

/** How many instances one rule took. */
interface Votes {
  rule: RoutingRule;
  /** Position of the rule among all that are asked. */
  order: number;
  instances: number;
  /** Of all profiles that the rule took, the one whose key sorts first: the same in any order of the instances. */
  profile: RoutingProfile;
  profileKey: string;
}

/**
 * Decides which product takes a series, as a whole: a localizer among axial slices goes with them.
 *
 * Each distinct set of routing attributes is judged once. The product that most instances route to wins (tie: the
 * one whose rule comes first); the series is skipped only where no instance routes to a product, with the reason of
 * most instances (tie: alphabetical). The order of the instances changes nothing. Does not throw; without instances
 * the answer is `no_route`. The series is urgent where any rule that votes for its product makes it so. A product that
 * the source does not list is no reason to ask for the next one: the series is skipped, and says for which product; of
 * the two X-ray products the one that is listed takes it (`licensedProduct`).
 */
export function routeSeries(instances: readonly Instance[], source: RoutingSource): Route {
  const rules = [...rulesOf(source), NO_RULE];
  const votes = [...countVotes(instances, rules)].sort(
    (a, b) => b.instances - a.instances || a.order - b.order,
  );
  const product = mostVoted(
    votes,
    (rule) => ('product' in rule.then ? rule.then.product : undefined),
    byRuleOrder,
  );
  if (product !== undefined) {
    const rule = product.votes.rule.name;
    const licensed = licensedProduct(source, product.value);
    if (licensed === undefined) {
      const detail = `it is for ${product.value}, which is not among the products of the source`;
      return { kind: 'skip', reason: 'filtered', rule, detail };
    }
    const isUrgent = votes.some((vote) => priorityBy(vote.rule, product.value, source) === 'urgent');
    return {
      kind: 'product',
      product: licensed,
      rule,
      ...priorityField(isUrgent ? 'urgent' : 'routine'),
    };
  }
  const reason = mostVoted(
    votes,
    (rule) => ('skip' in rule.then ? rule.then.skip : undefined),
    alphabetically,
  );
  if (reason === undefined)
    return { kind: 'skip', reason: 'no_route', rule: NO_RULE.name, detail: 'no instances' };
  return {
    kind: 'skip',
    reason: reason.value,
    rule: reason.votes.rule.name,
    detail: describe(reason.votes.profile),
  };
}

/** What a rule says of the series that goes to `product`; nothing where the rule says another outcome. */
function priorityBy(rule: RoutingRule, product: Product, source: RoutingSource): Priority | undefined {
  if (!('product' in rule.then) || rule.then.product !== product) return undefined;
  // A source that says `routine` is no emergency department, whatever words its archive holds.
  if (source.priority === 'routine' && DEFAULT_RULES.includes(rule)) return 'routine';
  return rule.then.priority ?? source.priority;
}

/** The rules of a source in the order in which they are asked. */
function rulesOf(source: RoutingSource): RoutingRule[] {
  if (source.product !== undefined) {
    return [...GUARD_RULES, routingRule('source-product', {}, { product: source.product })];
  }
  return [...GUARD_RULES, ...source.rules, ...(source.useDefaultRules ? DEFAULT_RULES : [])];
}

function countVotes(instances: readonly Instance[], rules: readonly RoutingRule[]): Iterable<Votes> {
  const byProfile = new Map<string, { instances: number; sample: Instance }>();
  for (const instance of instances) {
    const key = profileKey(instance);
    const seen = byProfile.get(key);
    if (seen === undefined) byProfile.set(key, { instances: 1, sample: instance });
    else seen.instances += 1;
  }
  const byRule = new Map<number, Votes>();
  for (const [key, { instances: count, sample }] of byProfile) {
    const profile = profileOf(sample, instances.length);
    const order = rules.findIndex((rule) => ruleHolds(rule, profile));
    const rule = rules[order];
    if (rule === undefined) continue;
    const votes = byRule.get(order);
    if (votes === undefined) {
      byRule.set(order, { rule, order, instances: count, profile, profileKey: key });
      continue;
    }
    votes.instances += count;
    if (key < votes.profileKey) Object.assign(votes, { profile, profileKey: key });
  }
  return byRule.values();
}

interface Tally<T> {
  value: T;
  instances: number;
  firstOrder: number;
  /** Of the rule that brought most of them. */
  votes: Votes;
}

const byRuleOrder = (a: Tally<string>, b: Tally<string>): number => a.firstOrder - b.firstOrder;
const alphabetically = (a: Tally<string>, b: Tally<string>): number => (a.value < b.value ? -1 : 1);

function mostVoted<T extends string>(
  votes: readonly Votes[],
  outcomeOf: (rule: RoutingRule) => T | undefined,
  breakTie: (a: Tally<string>, b: Tally<string>) => number,
): Tally<T> | undefined {
  const tallies = new Map<T, Tally<T>>();
  for (const one of votes) {
    const value = outcomeOf(one.rule);
    if (value === undefined) continue;
    const tally = tallies.get(value);
    if (tally === undefined) {
      tallies.set(value, { value, instances: one.instances, firstOrder: one.order, votes: one });
      continue;
    }
    tally.instances += one.instances;
    tally.firstOrder = Math.min(tally.firstOrder, one.order);
  }
  return [...tallies.values()].sort((a, b) => b.instances - a.instances || breakTie(a, b))[0];
}

const CODE = /^[A-Z0-9]{1,16}$/;

/** Says what the rules saw, in our own words: descriptions can carry names, so none is quoted. */
function describe({ modality, named }: RoutingProfile): string {
  const kind =
    modality === undefined ? 'no modality' : `modality ${CODE.test(modality) ? modality : 'not a code'}`;
  if (named === undefined) return `${kind}; no text names a part of the body that is known`;
  return `${kind}; ${named.field} names ${[...named.regions].sort().join(', ')}`;
}

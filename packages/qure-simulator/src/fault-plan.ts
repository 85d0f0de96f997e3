import {
  type Fault,
  type FaultRule,
  faultRuleSchema,
  type ParsedFaultRule,
  type Stage,
} from './fault-rules.ts';
import { seededRandom } from './seeded-random.ts';

/** Decides which fault applies to which call. Deterministic for a seed and an order of calls. */
export class FaultPlan {
  #rules: { rule: ParsedFaultRule; seen: number; struck: number }[] = [];
  readonly #random: () => number;

  constructor(rules: readonly FaultRule[], seed: number) {
    this.#random = seededRandom(seed);
    this.set(rules);
  }

  /** Replaces all rules and resets their counts. Throws the error of zod for a malformed rule. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => ({ rule: faultRuleSchema.parse(rule), seen: 0, struck: 0 }));
  }

  /** The fault for this call, which is counted. */
  next(stage: Stage, path: string): Fault | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.stage !== undefined && rule.stage !== stage) continue;
      if (rule.pathIncludes !== undefined && !path.includes(rule.pathIncludes)) continue;
      entry.seen += 1;
      if (entry.seen <= rule.skip || entry.struck >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if (rule.probability !== undefined && this.#random() >= rule.probability) continue;
      entry.struck += 1;
      return rule.fault;
    }
    return undefined;
  }
}

import type { WireRequest } from './wire-request.ts';
import type { Service, WireRule } from './wire-rule.ts';

/** The rules, and how often each has seen and struck. */
export class WirePlan {
  #rules: { rule: WireRule; seen: number; struck: number }[] = [];

  /** Replaces all rules; counts start anew. @throws Error for two rules of one name */
  set(rules: readonly WireRule[]): void {
    const names = new Set(rules.map(({ name }) => name));
    if (names.size !== rules.length) throw new Error('expected rules with different names');
    this.#rules = rules.map((rule) => ({ rule, seen: 0, struck: 0 }));
  }

  /** The rule that strikes this call, counted as struck. */
  next(call: Pick<WireRequest, 'service' | 'operation' | 'by' | 'text'>): WireRule | undefined {
    return this.#strike((rule) => rule.answerMentions === undefined && isMeant(rule, call));
  }

  /** The same for rules that ask what the server has answered. */
  nextAnswer(call: Parameters<WirePlan['next']>[0], answerText: string): WireRule | undefined {
    return this.#strike(
      (rule) =>
        rule.answerMentions !== undefined && answerText.includes(rule.answerMentions) && isMeant(rule, call),
    );
  }

  /** The same for a connection: who calls, and what for, is not known yet. */
  nextConnection(service: Service): WireRule | undefined {
    return this.#strike((rule) => rule.service === service && rule.operation === 'connect');
  }

  struck(name: string): number {
    return this.#rules.find(({ rule }) => rule.name === name)?.struck ?? 0;
  }

  #strike(isStruck: (rule: WireRule) => boolean): WireRule | undefined {
    for (const entry of this.#rules) {
      if (!isStruck(entry.rule)) continue;
      entry.seen += 1;
      const { nth = 1, times = 1 } = entry.rule;
      if (entry.seen < nth || entry.struck >= times) continue;
      entry.struck += 1;
      return entry.rule;
    }
    return undefined;
  }
}

function isMeant(rule: WireRule, call: Parameters<WirePlan['next']>[0]): boolean {
  const { service, operation, by, mentions } = rule;
  return (
    service === call.service &&
    (operation === undefined || oneOf(operation).includes(call.operation)) &&
    (by === undefined || by === call.by) &&
    oneOf(mentions ?? []).every((text) => call.text.includes(text))
  );
}

function oneOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

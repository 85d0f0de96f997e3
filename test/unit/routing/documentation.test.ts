import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_RULES, GUARD_RULES } from '../../../functions/routing/default-rules.ts';
import { routingRuleSchema } from '../../../functions/routing/rule-schema.ts';
import * as z from '../../../functions/shared/schema.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/routing.md', import.meta.url), 'utf8');

test('every example of docs/routing.md is a list of valid rules', () => {
  const examples = [...DOCUMENT.matchAll(/```json\n(.*?)```/gs)].map((match) => JSON.parse(match[1] ?? ''));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(() => z.array(routingRuleSchema).parse(example)).not.toThrow();
});

test('every reason and product of the default rules is in docs/routing.md', () => {
  for (const { then: outcome } of [...GUARD_RULES, ...DEFAULT_RULES]) {
    expect(DOCUMENT).toContain('skip' in outcome ? `\`${outcome.skip}\`` : `**${outcome.product}**`);
  }
});

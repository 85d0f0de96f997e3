import { expect, test } from 'vitest';
import { DEFAULT_RULES, GUARD_RULES } from '../../../functions/routing/default-rules.ts';
import { routingRuleSchema } from '../../../functions/routing/rule-schema.ts';
import { routingRule } from '../../../functions/routing/rules.ts';

const QER = { product: 'qER' } as const;

test.each([
  ['no condition', routingRule('all', {}, QER)],
  ['a skip', routingRule('Drop MR', { modality: ['MR'] }, { skip: 'filtered' })],
  ['a slice thickness', routingRule('thin', { modality: ['CT'], sliceThicknessMm: { max: 1.5 } }, QER)],
  ['an exception', routingRule('x', { region: ['chest', 'none'] }, QER, [{ hasContrast: true }])],
  ['SOP classes below', routingRule('x', { sopClassUid: ['1.2.840.10008.5.1.4.1.1.88.*'] }, QER)],
  ['joined image types', routingRule('x', { imageType: ['DERIVED\\MPR'] }, QER)],
  ['an urgent product', routingRule('x', {}, { product: 'qER', priority: 'urgent' })],
  ['a routine product', routingRule('x', {}, { product: 'qER', priority: 'routine' })],
  ['another script', routingRule('x', { anyText: ['頭部', 'ГОЛОВ*'] }, QER)],
])('accepted: %s', (_name, rule) => {
  expect(routingRuleSchema.parse(rule)).toEqual(rule);
});

test.each([...GUARD_RULES, ...DEFAULT_RULES])(
  'the default rule $name is one that a source could write',
  (rule) => {
    expect(routingRuleSchema.parse(rule)).toEqual(rule);
  },
);

test('the names of the default rules are distinct', () => {
  const names = [...GUARD_RULES, ...DEFAULT_RULES].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

const when = (conditions: object) => ({ ...routingRule('x', {}, QER), when: conditions });
const outcome = (value: unknown) =>
  Object.fromEntries([...Object.entries(routingRule('x', {}, QER)), ['then', value]]);

test.each<[string, unknown, string, RegExp]>([
  ['an unknown condition', when({ sliceThickness: { max: 1 } }), 'when', /sliceThickness/],
  ['an unknown key of the rule', { ...routingRule('x', {}, QER), product: 'qER' }, '', /product/],
  ['no name', { ...routingRule('', {}, QER) }, 'name', /expected a name/],
  ['a name with a line break', { ...routingRule('a\nb', {}, QER) }, 'name', /expected a name/],
  ['one value instead of a list', when({ modality: 'CT' }), 'when.modality', /array/],
  ['an empty list', when({ modality: [] }), 'when.modality', /at least one value/],
  ['a term of separators', when({ anyText: ['--'] }), 'when.anyText.0', /letter or a digit/],
  ['a lone star', when({ anyText: ['*'] }), 'when.anyText.0', /letter or a digit/],
  ['a region nobody knows', when({ region: ['thorax'] }), 'when.region.0', /chest/],
  ['a SOP class by name', when({ sopClassUid: ['CT Image Storage'] }), 'when.sopClassUid.0', /SOP class UID/],
  ['an empty range', when({ rows: {} }), 'when.rows', /"min", "max" or both/],
  ['a reversed range', when({ patientAgeYears: { min: 80, max: 18 } }), 'when.patientAgeYears', /greater/],
  ['a range of text', when({ rows: { min: '512' } }), 'when.rows.min', /number/],
  ['a key that a range does not have', when({ rows: { minimum: 1 } }), 'when.rows', /minimum/],
  ['text for yes', when({ hasContrast: 'yes' }), 'when.hasContrast', /boolean/],
  [
    'an empty exception',
    { ...routingRule('x', {}, QER), unless: [{}] },
    'unless.0',
    /at least one condition/,
  ],
  ['a product that is no name', outcome({ product: 'q RAY' }), 'then.product', /name of 1 to 32 letters/],
  ['a reason with blanks', outcome({ skip: 'Not wanted' }), 'then.skip', /reason of a-z/],
  ['a product and a reason', outcome({ product: 'qER', skip: 'filtered' }), 'then', /"skip"/],
  ['a priority nobody knows', outcome({ product: 'qER', priority: 'high' }), 'then', /"urgent" \| "routine"/],
  ['a priority of a skip', outcome({ skip: 'filtered', priority: 'urgent' }), 'then', /priority/],
  ['no outcome', outcome(undefined), 'then', /"skip"/],
])('refused: %s', (_name, rule, path, message) => {
  const issues = routingRuleSchema.safeParse(rule).error?.issues ?? [];
  expect([...new Set(issues.map((issue) => issue.path.join('.')))]).toEqual([path]);
  expect(issues[0]?.message).toMatch(message);
});

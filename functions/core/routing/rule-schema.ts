import * as z from 'zod';
import { PRIORITIES } from '../lane.ts';
import { PRODUCTS } from '../product.ts';
import { REGIONS } from './regions.ts';
import type { RoutingRule } from './rules.ts';
import { isTerm } from './words.ts';

/**
 * Checks a routing rule of the sources document. Strict: a condition that is not known is refused, since a rule
 * that silently ignores one would hold too often. docs/routing.md describes the conditions.
 */
const list = <T extends z.ZodType>(item: T) =>
  z.array(item).min(1, 'expected at least one value; leave the condition out to accept any');

const term = z
  .string()
  .max(128, 'expected at most 128 characters')
  .refine(isTerm, 'expected a word with a letter or a digit');
const terms = list(term).exactOptional();

const sopClass = z
  .string()
  .regex(
    /^[0-9]+(?:\.[0-9]+)*(?:\.\*)?$/,
    'expected a SOP class UID, or one followed by ".*" for all below it',
  );

const imageType = z
  .string()
  .refine((value) => value.split('\\').every(isTerm), 'expected values of Image Type, joined by "\\"');

const range = z
  .strictObject({ min: z.number().exactOptional(), max: z.number().exactOptional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'expected "min", "max" or both')
  .refine(
    ({ min, max }) => min === undefined || max === undefined || min <= max,
    '"min" is greater than "max"',
  )
  .exactOptional();

const conditionsSchema = z.strictObject({
  modality: terms,
  sopClassUid: list(sopClass).exactOptional(),
  region: list(z.enum([...REGIONS, 'none'])).exactOptional(),
  anyText: terms,
  bodyPart: terms,
  seriesDescription: terms,
  studyDescription: terms,
  protocolName: terms,
  viewPosition: terms,
  imageType: list(imageType).exactOptional(),
  manufacturer: terms,
  manufacturerModelName: terms,
  sliceThicknessMm: range,
  patientAgeYears: range,
  hasContrast: z.boolean().exactOptional(),
  rows: range,
  columns: range,
  instances: range,
});

const exceptionSchema = conditionsSchema.refine(
  (conditions) => Object.keys(conditions).length > 0,
  'expected at least one condition; an empty exception would switch the rule off',
);

const quoted = (values: readonly string[]) => values.map((value) => `"${value}"`).join(' | ');

const thenSchema = z.union(
  [
    z.strictObject({ product: z.enum(PRODUCTS), priority: z.enum(PRIORITIES).exactOptional() }),
    z.strictObject({
      skip: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a reason of a-z, 0-9 and "_"'),
    }),
  ],
  {
    error: `expected {"product": ${quoted(PRODUCTS)}}, with or without {"priority": ${quoted(PRIORITIES)}}, or {"skip": a reason of a-z, 0-9 and "_"}`,
  },
);

export const routingRuleSchema: z.ZodType<RoutingRule, RoutingRule> = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, 'expected a name of letters, digits, " ", ".", "_" or "-"'),
  when: conditionsSchema,
  unless: list(exceptionSchema).exactOptional(),
  // biome-ignore lint/suspicious/noThenProperty: the word of the sources document; the schema is never awaited.
  then: thenSchema,
});

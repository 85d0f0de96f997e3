import { PRODUCT_NAME_PATTERN, PRODUCTS, type Product } from '../qure/product.ts';
import * as z from '../shared/schema.ts';
import { PRIORITIES } from './priority.ts';
import { REGIONS } from './regions.ts';
import type { RoutingRule } from './rules.ts';
import { isTerm } from './words.ts';

/**
 * Checks a routing rule of the sources document. Strict: a condition that is not known is refused, since a rule
 * that silently ignores one would hold too often. docs/routing.md describes the conditions. Made for the first rule that is
 * read: most sources have none, and every function reads sources when it starts.
 */
const list = <T extends z.ZodMiniType>(item: T) =>
  z.array(item).check(z.minLength(1, 'expected at least one value; leave the condition out to accept any'));

const term = () =>
  z
    .string()
    .check(
      z.maxLength(128, 'expected at most 128 characters'),
      z.refine(isTerm, 'expected a word with a letter or a digit'),
    );

const terms = (field: string) =>
  z
    .exactOptional(list(term()))
    .check(z.describe(`Any of these words or phrases stands in ${field}; "*" for any letters.`));

const sopClass = () =>
  z
    .string()
    .check(
      z.regex(
        /^[0-9]+(?:\.[0-9]+)*(?:\.\*)?$/,
        'expected a SOP class UID, or one followed by ".*" for all below it',
      ),
    );

const imageType = () =>
  z
    .string()
    .check(
      z.refine((value) => value.split('\\').every(isTerm), 'expected values of Image Type, joined by "\\"'),
    );

const rangeOf = (measured: string) =>
  range().check(z.describe(`${measured}, from min to max, both included.`));
const range = () =>
  z.exactOptional(
    z
      .strictObject({
        min: z.exactOptional(z.number()).check(z.describe('The smallest that holds.')),
        max: z.exactOptional(z.number()).check(z.describe('The greatest that holds.')),
      })
      .check(
        z.refine(({ min, max }) => min !== undefined || max !== undefined, 'expected "min", "max" or both'),
        z.refine(
          ({ min, max }) => min === undefined || max === undefined || min <= max,
          '"min" is greater than "max"',
        ),
      ),
  );

const conditionsSchema = () =>
  z.strictObject({
    modality: terms('Modality (0008,0060), or the one that the SOP class implies'),
    sopClassUid: z
      .exactOptional(list(sopClass()))
      .check(
        z.describe('Any of these SOP classes (0008,0016); one that ends in ".*" stands for all below it.'),
      ),
    region: z
      .exactOptional(list(z.enum([...REGIONS, 'none'])))
      .check(
        z.describe('Any of these parts of the body is what the texts name; none: no text names a part.'),
      ),
    anyText: terms('any of the five texts'),
    bodyPart: terms('Body Part Examined (0018,0015)'),
    seriesDescription: terms('Series Description (0008,103E)'),
    studyDescription: terms('Study Description (0008,1030)'),
    protocolName: terms('Protocol Name (0018,1030)'),
    viewPosition: terms('View Position (0018,5101)'),
    imageType: z
      .exactOptional(list(imageType()))
      .check(
        z.describe(
          'Any of these is among the values of Image Type (0008,0008); several joined by "\\" all are.',
        ),
      ),
    manufacturer: terms('Manufacturer (0008,0070)'),
    manufacturerModelName: terms("Manufacturer's Model Name (0008,1090)"),
    sliceThicknessMm: rangeOf('Slice Thickness (0018,0050) in millimetres'),
    patientAgeYears: rangeOf("Patient's Age (0010,1010) in years"),
    hasContrast: z
      .exactOptional(z.boolean())
      .check(z.describe('Whether Contrast/Bolus Agent (0018,0010) names an agent.')),
    rows: rangeOf('Rows (0028,0010)'),
    columns: rangeOf('Columns (0028,0011)'),
    instances: rangeOf('The number of instances of the series'),
  });

const exceptionSchema = () =>
  conditionsSchema().check(
    z.refine(
      (conditions) => Object.keys(conditions).length > 0,
      'expected at least one condition; an empty exception would switch the rule off',
    ),
  );

const quoted = (values: readonly string[]) => values.map((value) => `"${value}"`).join(' | ');

/** Whether the source has it is asked of the source as a whole (`source-relations.ts`). */
export const productNameSchema: z.ZodMiniType<Product, Product> = z
  .string()
  .check(
    z.regex(PRODUCT_NAME_PATTERN, 'expected a name of 1 to 32 letters, digits, ".", "_" or "-"'),
    z.meta({ examples: [...PRODUCTS] }),
  );

const thenSchema = () =>
  z.union(
    [
      z.strictObject({
        product: productNameSchema.check(z.describe('The product that takes the series.')),
        priority: z
          .exactOptional(z.enum(PRIORITIES))
          .check(z.describe('The lane of the series. Left out: as the source says, else routine.')),
      }),
      z.strictObject({
        skip: z
          .string()
          .check(
            z.regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a reason of a-z, 0-9 and "_"'),
            z.describe('The series is SKIPPED with this reason.'),
          ),
      }),
    ],
    {
      error: `expected {"product": ${quoted(PRODUCTS)} or one that the source defines}, with or without {"priority": ${quoted(PRIORITIES)}}, or {"skip": a reason of a-z, 0-9 and "_"}`,
    },
  );

export const routingRuleSchema: z.ZodMiniType<RoutingRule, RoutingRule> = z.lazy(() =>
  z.strictObject({
    name: z
      .string()
      .check(
        z.regex(
          /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/,
          'expected a name of letters, digits, " ", ".", "_" or "-"',
        ),
        z.describe('Shows which rule decided.'),
      ),
    when: conditionsSchema().check(z.describe('All of these conditions hold.')),
    unless: z
      .exactOptional(list(exceptionSchema()))
      .check(z.describe('None of these holds; each is like when.')),
    // biome-ignore lint/suspicious/noThenProperty: the word of the sources document; the schema is never awaited.
    then: thenSchema().check(z.describe('Where the series goes.')),
  }),
);

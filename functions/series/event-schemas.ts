import { MAX_SUMMARIES } from '../qure/findings/findings.ts';
import { PRODUCTS } from '../qure/product.ts';
import { DETAIL_TYPES, type DetailType } from '../shared/detail-types.ts';
import * as z from '../shared/schema.ts';
import { type EventDetails, MAX_EVENT_RESULT_KEYS } from './events.ts';
import {
  findings,
  isInvalidScan,
  modelVersion,
  outsideIndication,
  quality,
  replacedUnconfirmed,
  sameAsGeneration,
  triageStatus,
  uid,
  unreadInstances,
  usecase,
} from './result-facts-schema.ts';

/**
 * The `detail` of every event as a schema: the one source of `schemas/events/`, of the schema registry and of
 * `EVENT_SCHEMAS`. Open for consumers: later versions may add members, reasons and products, so neither is closed here.
 * That we ourselves publish nothing else is a matter of the tests (docs/decisions/0025-open-event-schemas.md).
 */

const version = z
  .literal('1')
  .check(z.describe('Version of the shape of this detail. It changes when a consumer would break.'));
const eventId = z
  .string()
  .check(
    z.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    z.describe(
      'The same for a repeated delivery of the same happening; deduplicate by it, and not by the id of the envelope.',
    ),
  );
const at = z
  .string()
  .check(
    z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
    z.meta({ format: 'date-time' }),
    z.describe('When it happened: ISO 8601, UTC, milliseconds.'),
  );
const product = z
  .string()
  .check(
    z.minLength(1),
    z.meta({ examples: [...PRODUCTS] }),
    z.describe(`The Qure product that takes the series: ${PRODUCTS.join(', ')}. More may come.`),
  );
const presentFindings = z
  .exactOptional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1), z.maxLength(MAX_SUMMARIES)))
  .check(
    z.describe(
      'The keys of the findings that Qure calls present: for patterns of EventBridge, which compare the members of a list of objects one by one.',
    ),
  );
/** What is known once a series is judged complete. */
const judged = { quality, outsideIndication };
/** What is known once a series is with Qure. */
const brought = { replacedUnconfirmed };
/** What Qure's answer says of itself. */
const answered = { usecase, modelVersion };

const resultKeys = (holds: string) =>
  z.array(z.string().check(z.minLength(1))).check(z.maxLength(MAX_EVENT_RESULT_KEYS), z.describe(holds));
const noResults = z
  .array(z.string())
  .check(z.maxLength(0), z.describe('Always empty: there are no results yet.'));
const reason = (examples: readonly string[]) =>
  z
    .string()
    .check(
      z.minLength(1),
      z.meta({ examples: [...examples] }),
      z.describe(`A stable code; an open list. Known: ${examples.join(', ')}.`),
    );

const series = {
  version,
  eventId,
  source: z.string().check(z.minLength(1), z.describe('The source whose prefix the scan was dropped below.')),
  studyInstanceUid: uid.check(z.describe('Study Instance UID (0020,000D).')),
  seriesInstanceUid: uid.check(z.describe('Series Instance UID (0020,000E).')),
  generation: z
    .int()
    .check(
      z.minimum(1),
      z.describe(
        'Counts up when other instances come after the series was judged complete, or when it is computed again.',
      ),
    ),
  at,
};
const state = <State extends string>(name: State) =>
  z.literal(name).check(z.describe('The state that the series has entered.'));

const exampleSeries = {
  version: '1',
  eventId: '8b146683-cc98-11a5-2ce7-64721db5012f',
  source: 'default',
  studyInstanceUid: '2.25.290163917406291',
  seriesInstanceUid: '2.25.290163917406292',
  generation: 1,
  at: '2026-11-24T00:26:21.017Z',
} as const;
const exampleFolder = 'default/2.25.290163917406291/2.25.290163917406292/1/';

const EVENT_DETAIL_SCHEMAS = {
  'Series Complete': z
    .object({ ...series, ...judged, state: state('COMPLETE'), product, resultKeys: noResults })
    .check(
      z.meta({
        description: 'Every instance of the series is here, and a product takes it.',
        examples: [{ ...exampleSeries, state: 'COMPLETE', product: 'qER', resultKeys: [] }],
      }),
    ),
  'Series Computing': z
    .object({ ...series, ...judged, ...brought, state: state('COMPUTING'), product, resultKeys: noResults })
    .check(
      z.meta({
        description: 'Qure has taken the series; its results are asked for.',
        examples: [{ ...exampleSeries, state: 'COMPUTING', product: 'qER', resultKeys: [] }],
      }),
    ),
  'Series Done': z
    .object({
      ...series,
      ...judged,
      ...brought,
      ...answered,
      state: state('DONE'),
      product,
      triageStatus,
      findings,
      presentFindings,
      isInvalidScan,
      unreadInstances,
      sameAsGeneration,
      resultKeys: resultKeys(
        `Keys in the results bucket: Qure's answer and every asset. With ${MAX_EVENT_RESULT_KEYS} of them there may be more: list the folder <source>/<StudyInstanceUID>/<SeriesInstanceUID>/<generation>/.`,
      ),
    })
    .check(
      z.meta({
        description: "Qure's answer and every asset are stored in the results bucket.",
        examples: [
          {
            ...exampleSeries,
            state: 'DONE',
            product: 'qER',
            triageStatus: 'critical',
            usecase: 'qer',
            modelVersion: '3.2',
            findings: [
              { key: 'ICH', present: true, score: 0.93 },
              { key: 'MIDLINE_SHIFT', present: false, score: 0.08 },
            ],
            presentFindings: ['ICH'],
            resultKeys: [
              `${exampleFolder}result.json`,
              `${exampleFolder}findings.json`,
              `${exampleFolder}files/pdf/0`,
            ],
          },
        ],
      }),
    ),
  'Series Skipped': z
    .object({
      ...series,
      ...judged,
      state: state('SKIPPED'),
      reason: reason(['localizer', 'no_route', 'filtered', 'outside_indication']),
      resultKeys: noResults,
    })
    .check(
      z.meta({
        description: 'No product of its source takes the series.',
        examples: [{ ...exampleSeries, state: 'SKIPPED', reason: 'localizer', resultKeys: [] }],
      }),
    ),
  'Series Unsupported': z
    .object({
      ...series,
      ...judged,
      ...brought,
      ...answered,
      state: state('UNSUPPORTED'),
      product,
      reason: reason(['unsupported_scan', 'upload_rejected', 'not_implemented']),
      resultKeys: noResults,
    })
    .check(
      z.meta({
        description: "Qure's final word: the scan is unsupported or invalid.",
        examples: [
          {
            ...exampleSeries,
            state: 'UNSUPPORTED',
            product: 'qCT',
            reason: 'unsupported_scan',
            resultKeys: [],
          },
        ],
      }),
    ),
  'Series Failed': z
    .object({
      ...series,
      ...judged,
      ...brought,
      ...answered,
      state: state('FAILED'),
      product,
      triageStatus,
      findings,
      presentFindings,
      reason: reason([
        'auth_rejected',
        'source_denied',
        'license_expired',
        'not_uploaded',
        'receipt_mismatch',
        'results_timeout',
        'qure_unavailable',
        'object_missing',
        'damaged_object',
        'mixed_identity',
        'shared_workspace',
        'incomplete_geometry',
        'wrong_usecase',
        'legacy_format',
        'asset_download',
        'asset_missing',
        'asset_mismatch',
      ]),
      resultKeys: resultKeys(
        'Keys in the results bucket of what was stored before the failure; often empty.',
      ),
    })
    .check(
      z.meta({
        description:
          'The series needs a person: see the reason in docs/operations.md, put it right and retry.',
        examples: [
          { ...exampleSeries, state: 'FAILED', product: 'qXR', reason: 'results_timeout', resultKeys: [] },
        ],
      }),
    ),
  'Series Superseded': z
    .object({
      ...series,
      state: state('DONE'),
      product: product.check(z.describe('The Qure product of the later generation.')),
      supersededBy: z
        .int()
        .check(
          z.minimum(2),
          z.describe('The later generation: its result stands, that of `generation` does not any more.'),
        ),
      resultKeys: resultKeys(
        `Keys in the results bucket of the earlier result, which are still there, with the tag supersededBy. With ${MAX_EVENT_RESULT_KEYS} of them there may be more.`,
      ),
    })
    .check(
      z.meta({
        description:
          'A later generation of the series is done: the result of the generation named here does not stand any more. The study is that for which it was stored.',
        examples: [
          {
            ...exampleSeries,
            state: 'DONE',
            product: 'qER',
            supersededBy: 2,
            resultKeys: [`${exampleFolder}result.json`, `${exampleFolder}files/pdf/0`],
          },
        ],
      }),
    ),
  'Model Version Changed': z
    .object({
      version,
      eventId,
      source: z.string().check(z.minLength(1), z.describe('The source whose result shows the new version.')),
      product,
      usecase: z.string().check(z.minLength(1), z.describe("The use case by Qure's answer.")),
      modelVersion: z.string().check(z.minLength(1), z.describe('qure_model_version of the result.')),
      previousModelVersion: z.string().check(z.minLength(1), z.describe('That of the results before.')),
      at,
    })
    .check(
      z.meta({
        description: 'A result of a source comes from another version of a model than those before it.',
        examples: [
          {
            version: '1',
            eventId: '8b146683-cc98-11a5-2ce7-64721db5012f',
            source: 'default',
            product: 'qER',
            usecase: 'qer',
            modelVersion: '3.3',
            previousModelVersion: '3.2',
            at: '2026-11-24T00:26:21.017Z',
          },
        ],
      }),
    ),
  'Object Quarantined': z
    .object({
      version,
      eventId,
      source: z
        .nullable(z.string().check(z.minLength(1)))
        .check(z.describe('Null where no prefix of a source covers the key.')),
      quarantineId: z
        .string()
        .check(
          z.regex(/^[0-9a-f]{32}$/),
          z.describe('Finds the key by GET /v1/quarantine; the key may hold a name and stays out of events.'),
        ),
      reason: reason([
        'not_dicom',
        'truncated',
        'missing_uid',
        'invalid_uid',
        'too_large_header',
        'empty_object',
        'object_missing',
        'no_source',
        'invalid_marker',
        'bad_archive',
        'bad_entries',
      ]),
      at,
    })
    .check(
      z.meta({
        description: 'A dropped object cannot be indexed. It stays where it is, untouched.',
        examples: [
          {
            version: '1',
            eventId: '8b146683-cc98-11a5-2ce7-64721db5012f',
            source: 'default',
            quarantineId: '736bdbc89463ca8edf95d923b474ce39',
            reason: 'truncated',
            at: '2026-11-24T00:26:21.017Z',
          },
        ],
      }),
    ),
} satisfies { [Type in DetailType]: z.ZodMiniType<unknown, EventDetails[Type]> };

/** A JSON Schema as a plain value. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The JSON Schema (2020-12) of the `detail` of one detail type. */
function eventDetailJsonSchema(detailType: DetailType): JsonSchema {
  return {
    $id: `urn:qure-dropoff:events:${schemaNameOf(detailType)}:1`,
    title: detailType,
    ...convert(detailType),
  };
}

/** The same in the dialect of OpenAPI 3.0, which knows `nullable` and one `example` instead. */
export function eventDetailOpenApiSchema(detailType: DetailType): JsonSchema {
  return withOneExample(convert(detailType, 'openapi-3.0')) as JsonSchema;
}

/** `Series Done` is `series-done` in the names of files. */
export function schemaNameOf(detailType: DetailType): string {
  return detailType.toLowerCase().replaceAll(' ', '-');
}

/** `Series Done` is `SeriesDone` where a name has no blanks: in the schema registry, and in the code made from it. */
export function bindingNameOf(detailType: DetailType): string {
  return detailType.replaceAll(' ', '');
}

/** The JSON Schema of the `detail` of every detail type, by detail type. */
export const EVENT_SCHEMAS: Readonly<Record<DetailType, JsonSchema>> = Object.fromEntries(
  DETAIL_TYPES.map((detailType) => [detailType, eventDetailJsonSchema(detailType)]),
) as Record<DetailType, JsonSchema>;

function convert(
  detailType: DetailType,
  target: 'draft-2020-12' | 'openapi-3.0' = 'draft-2020-12',
): JsonSchema {
  // As what comes in: what goes out of zod would be closed, or open by a keyword of its own.
  return z.toJSONSchema(EVENT_DETAIL_SCHEMAS[detailType], { io: 'input', target });
}

function withOneExample(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOneExample);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) =>
      name === 'examples' && Array.isArray(part) ? ['example', part[0]] : [name, withOneExample(part)],
    ),
  );
}

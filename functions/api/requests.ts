import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import { VERDICT_REASONS } from '../qure/answer-facts.ts';
import { PRODUCT_NAME_PATTERN, PRODUCTS } from '../qure/product.ts';
import { FAILURE_REASONS, SERIES_STATES, TRIAGES } from '../series/series-facts.ts';
import { DEAD_LETTER_CAUSES } from '../shared/dead-letter-cause.ts';
import * as z from '../shared/schema.ts';
import { QUEUED_STAGES } from '../shared/stages.ts';
import { ProblemError } from './problem.ts';
import { wordsOf } from './request-words.ts';
import type { Role } from './roles.ts';

/** What the HTTP API takes. The handler reads requests by these schemas, and `openapi.ts` describes them by the same. */

const NO_UID = `expected a UID: digits and dots, at most ${MAX_UID_LENGTH} characters`;
const uid = z.string().check(z.regex(UID_PATTERN, NO_UID), z.maxLength(MAX_UID_LENGTH, NO_UID));
const sourceName = z.string().check(z.minLength(1), z.maxLength(64));
const cursor = z
  .exactOptional(z.string().check(z.minLength(1), z.maxLength(2048)))
  .check(z.describe('From the page before'));
const limit = z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 50);
const recompute = z.exactOptional(z.boolean());
const comment = z
  .exactOptional(z.string().check(z.minLength(1), z.maxLength(500)))
  .check(z.describe('Why, in your words; the list of actions shows it'));
const stage = z.exactOptional(z.enum(QUEUED_STAGES));
const cause = z.exactOptional(z.enum(DEAD_LETTER_CAUSES));

const productName = z.string().check(z.regex(PRODUCT_NAME_PATTERN, 'expected the name of a product'));

const source = z.exactOptional(sourceName);
const since = z.exactOptional(z.iso.datetime()).check(z.describe('Last change at this time or later'));
const until = z.exactOptional(z.iso.datetime()).check(z.describe('Last change before this time'));
const isRange = (range: { since?: string; until?: string }) =>
  range.since === undefined || range.until === undefined || Date.parse(range.since) < Date.parse(range.until);
const NO_RANGE = { error: 'expected a time after since', path: ['until'] };

const seriesListing = z
  .strictObject({
    state: z
      .exactOptional(z.array(z.enum(SERIES_STATES)).check(z.minLength(1), z.maxLength(SERIES_STATES.length)))
      .check(z.describe('One state, or several with commas')),
    source,
    product: z.exactOptional(productName),
    usecase: z
      .exactOptional(
        z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected a use case, for example qer')),
      )
      .check(z.describe("The use case by Qure's answer")),
    triage: z
      .exactOptional(z.array(z.enum(TRIAGES)).check(z.minLength(1), z.maxLength(TRIAGES.length)))
      .check(
        z.describe(
          "One, or several with commas. critical: qER and qCT. abnormal: an X-ray that Qure's answer calls critical.",
        ),
      ),
    finding: z
      .exactOptional(
        z
          .string()
          .check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected a key of letters, digits, ".", "_" or "-"')),
      )
      .check(z.describe('The key of a finding that is present')),
    study: z
      .exactOptional(uid)
      .check(z.describe('StudyInstanceUID; a list of series has the first 200 on one page')),
    accession: z
      .exactOptional(
        z.string().check(
          z.minLength(1),
          z.maxLength(64),
          z.refine((text) => text.trim() !== '' && text.isWellFormed(), 'expected an accession number'),
        ),
      )
      .check(z.describe('Accession number, whole; upper and lower case are alike')),
    since,
    until,
    sort: z._default(z.enum(['newest', 'oldest']), 'newest').check(z.describe('By the last change')),
    limit,
    cursor,
  })
  .check(z.refine(isRange, NO_RANGE));

const countQuery = z.strictObject({ source, since, until }).check(z.refine(isRange, NO_RANGE));

const turnaroundQuery = z
  .strictObject({
    source,
    since: z
      .exactOptional(z.iso.datetime())
      .check(z.describe('Result stored at this time or later; default: a day before until')),
    until: z
      .exactOptional(z.iso.datetime())
      .check(z.describe('Result stored before this time; default: now, or a day after since')),
  })
  .check(z.refine(isRange, NO_RANGE));

const oneSeries = z.strictObject({
  uid: uid.check(z.describe('SeriesInstanceUID')),
  source: z
    .exactOptional(sourceName)
    .check(z.describe('Needed where several sources hold a series of this UID')),
});

const resultsOf = z.extend(oneSeries, {
  limit: z
    ._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(500)), 200)
    .check(z.describe('Results and assets of one page')),
  cursor,
});

const arrivalsOf = z.extend(oneSeries, {
  limit: z
    ._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(5000)), 2000)
    .check(z.describe('Instances of one page')),
  cursor,
});

const actionListing = z
  .strictObject({
    since: z.exactOptional(z.iso.datetime()).check(z.describe('From this time; default: 30 days before')),
    until: z.exactOptional(z.iso.datetime()).check(z.describe('Before this time; default: now')),
    limit,
    cursor,
  })
  .check(z.refine(isRange, NO_RANGE));

const retryRequest = z.strictObject({
  recompute,
  product: z.exactOptional(productName).check(z.meta({ examples: [...PRODUCTS] })),
  comment,
});

const patientRequest = z.strictObject({ comment });

const bulkRetryRequest = z
  .strictObject({
    reason: z.exactOptional(z.enum([...FAILURE_REASONS, ...VERDICT_REASONS])),
    source: z.exactOptional(sourceName),
    state: z._default(z.enum(['FAILED', 'UNSUPPORTED']), 'FAILED'),
    recompute,
    limit: z
      ._default(z.int().check(z.minimum(1), z.maximum(1000)), 200)
      .check(z.describe('At most so many series are retried')),
    cursor,
    comment,
  })
  .check(
    z.refine(
      ({ reason, source }) => reason !== undefined || source !== undefined,
      'expected a reason or a source',
    ),
    z.meta({
      description: 'At least a reason or a source',
      anyOf: [{ required: ['reason'] }, { required: ['source'] }],
    }),
  );
export type BulkRetryRequest = z.output<typeof bulkRetryRequest>;

/** As `makeUploadLinks` names it. */
const UPLOAD_FOLDER = /^upload-[A-Za-z0-9-]{1,64}$/;

const uploadLinksRequest = z
  .strictObject({
    source: sourceName,
    // An answer of Lambda holds 6 MB at most; a link has some 2 KB, most of them the session token of the function.
    count: z.int().check(z.minimum(1), z.maximum(1000), z.describe('How many files')),
    zips: z
      .exactOptional(z.int().check(z.minimum(0), z.maximum(1000)))
      .check(
        z.describe(
          'So many of them, the last ones, are zip archives: their keys end in .zip. At most `count`',
        ),
      ),
    // Credentials of a function end after some hours, and every link with them.
    expiresInSeconds: z._default(z.int().check(z.minimum(60), z.maximum(3600)), 900),
    withMarker: z
      ._default(z.boolean(), false)
      .check(z.describe('One link more: what is put there says that all files are there')),
    folder: z
      .exactOptional(z.string().check(z.regex(UPLOAD_FOLDER)))
      .check(
        z.describe(
          'Of an earlier answer: the files go into a new folder inside it, and its marker covers both',
        ),
      ),
    comment,
  })
  .check(z.refine(({ count, zips = 0 }) => zips <= count, 'expected zips to be at most count'));
export type UploadLinksRequest = z.output<typeof uploadLinksRequest>;

const deadLetterListing = z.strictObject({ stage, cause, limit });
export type DeadLetterListing = z.output<typeof deadLetterListing>;

const redriveRequest = z.strictObject({
  stage,
  cause,
  limit: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 1000),
  before: z
    .exactOptional(z.iso.datetime())
    .check(z.describe('Only letters that were there by then; default: now')),
  comment,
});
export type RedriveRequest = z.output<typeof redriveRequest>;

/**
 * The role that an operation needs of a person, and for which sources:
 * - `all`: for every one, because what it shows or does has no source;
 * - `named`: for the one that the request names; without a name for every one;
 * - `permitted`: for the one that the request names; without a name it sees those that the person may see.
 */
export type OperationNeeds = { role: Role; of: 'all' | 'named' | 'permitted' } | 'nothing';

const backtestRequest = z.strictObject({
  source: sourceName,
  // Read as a parameter of the deployment is, which tells every mistake of it.
  document: z
    .record(z.string(), z.unknown())
    .check(z.describe('The new document of the source (docs/configuration.md)')),
  since,
  until,
  limit: z
    ._default(z.int().check(z.minimum(1), z.maximum(50)), 10)
    .check(z.describe('Series of one page; of each all instances are read')),
  cursor,
});

export interface Operation {
  method: 'GET' | 'POST';
  /** `{uid}` is one of the parameters. */
  path: `/${string}`;
  /** Of the path and the query; without a schema nothing is read of either. */
  parameters?: z.ZodMiniObject;
  body?: z.ZodMiniType;
  /** Of the answer when all goes well. */
  status: number;
  needs: OperationNeeds;
}

const TO_READ = { role: 'read', of: 'permitted' } as const;
const TO_READ_ALL = { role: 'read', of: 'all' } as const;
const TO_ACT = { role: 'act', of: 'permitted' } as const;
const TO_SEE_PATIENTS = { role: 'phi', of: 'permitted' } as const;
const TO_ACT_ON_ONE = { role: 'act', of: 'named' } as const;

export const OPERATIONS = {
  getHealth: { method: 'GET', path: '/v1/health', status: 200, needs: TO_READ },
  getDescription: { method: 'GET', path: '/openapi.json', status: 200, needs: 'nothing' },
  getMe: { method: 'GET', path: '/v1/me', status: 200, needs: 'nothing' },
  listSources: {
    method: 'GET',
    path: '/v1/sources',
    parameters: z.strictObject({ source }),
    status: 200,
    needs: TO_READ,
  },
  getTurnaround: {
    method: 'GET',
    path: '/v1/turnaround',
    parameters: turnaroundQuery,
    status: 200,
    needs: TO_READ,
  },
  getCosts: { method: 'GET', path: '/v1/costs', status: 200, needs: TO_READ_ALL },
  listStudies: { method: 'GET', path: '/v1/studies', parameters: seriesListing, status: 200, needs: TO_READ },
  listSeries: { method: 'GET', path: '/v1/series', parameters: seriesListing, status: 200, needs: TO_READ },
  countSeries: {
    method: 'GET',
    path: '/v1/series/counts',
    parameters: countQuery,
    status: 200,
    needs: TO_READ,
  },
  retryMany: {
    method: 'POST',
    path: '/v1/series/retry',
    body: bulkRetryRequest,
    status: 202,
    needs: TO_ACT_ON_ONE,
  },
  getSeries: { method: 'GET', path: '/v1/series/{uid}', parameters: oneSeries, status: 200, needs: TO_READ },
  getResults: {
    method: 'GET',
    path: '/v1/series/{uid}/results',
    parameters: resultsOf,
    status: 200,
    needs: TO_READ,
  },
  listArrivals: {
    method: 'GET',
    path: '/v1/series/{uid}/arrivals',
    parameters: arrivalsOf,
    status: 200,
    needs: TO_READ,
  },
  retrySeries: {
    method: 'POST',
    path: '/v1/series/{uid}/retry',
    parameters: oneSeries,
    body: retryRequest,
    status: 202,
    needs: TO_ACT,
  },
  showPatient: {
    method: 'POST',
    path: '/v1/series/{uid}/patient',
    parameters: oneSeries,
    body: patientRequest,
    status: 200,
    needs: TO_SEE_PATIENTS,
  },
  makeUploadLinks: {
    method: 'POST',
    path: '/v1/uploads',
    body: uploadLinksRequest,
    status: 201,
    needs: TO_ACT_ON_ONE,
  },
  listDeadLetters: {
    method: 'GET',
    path: '/v1/dead-letters',
    parameters: deadLetterListing,
    status: 200,
    needs: TO_READ_ALL,
  },
  redriveDeadLetters: {
    method: 'POST',
    path: '/v1/dead-letters/redrive',
    body: redriveRequest,
    status: 202,
    needs: { role: 'act', of: 'all' },
  },
  listActions: { method: 'GET', path: '/v1/actions', parameters: actionListing, status: 200, needs: TO_READ },
  listQuarantine: {
    method: 'GET',
    path: '/v1/quarantine',
    parameters: z.strictObject({ limit, cursor }),
    status: 200,
    needs: TO_READ,
  },
  backtestRules: {
    method: 'POST',
    path: '/v1/rules/backtest',
    body: backtestRequest,
    status: 200,
    needs: { role: 'read', of: 'named' },
  },
} as const satisfies Record<string, Operation>;

/** What the header `allow` of a 405 says. */
export function methodsOf({ method }: Pick<Operation, 'method'>): string {
  return method === 'GET' ? 'GET, HEAD' : method;
}

export type OperationId = keyof typeof OPERATIONS;
type Read<Id extends OperationId, Part extends 'parameters' | 'body'> =
  (typeof OPERATIONS)[Id] extends Record<Part, infer Schema extends z.ZodMiniType>
    ? z.output<Schema>
    : undefined;
export type ParametersOf<Id extends OperationId> = Read<Id, 'parameters'>;
export type BodyOf<Id extends OperationId> = Read<Id, 'body'>;

/**
 * As `readRequest`, of the texts of a path and a query. A list is one text with commas: API Gateway joins repeated parameters so.
 */
export function readParameters(schema: z.ZodMiniObject, given: Readonly<Record<string, string | undefined>>) {
  const values = Object.entries(given).map(([name, value]) => {
    const one: unknown = schema.shape[name];
    const isList = one instanceof z.ZodMiniExactOptional && one.def.innerType instanceof z.ZodMiniArray;
    return [name, isList ? value?.split(',') : value] as const;
  });
  return readRequest(schema, Object.fromEntries(values));
}

/** Unknown parameters are named back, and a body may be megabytes of them: an answer holds 6 MB at most (AWS Lambda quotas). */
const MAX_DETAIL_LENGTH = 1000;

/** Throws a `ProblemError` (400) that names every parameter that is wrong. */
export function readRequest<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const parsed = schema.safeParse(value, { error: wordsOf });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`,
  );
  throw new ProblemError(400, 'Bad Request', mistakes.join('; ').slice(0, MAX_DETAIL_LENGTH).toWellFormed());
}

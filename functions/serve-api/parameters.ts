import * as z from 'zod';
import { DEAD_LETTER_CAUSES } from '../core/dead-letter-cause.ts';
import { PRODUCT_NAME_PATTERN } from '../core/product.ts';
import { SERIES_STATES } from '../core/series.ts';
import { isValidUid } from '../core/uid.ts';
import { ProblemError } from './problem.ts';

const uid = z.string().refine(isValidUid, 'expected a UID: digits and dots, at most 64 characters');
const limit = z.coerce.number().int().min(1).max(100).default(50);
const sourceName = z.string().min(1).max(64);

export const seriesListQuery = z.strictObject({
  state: z.enum(SERIES_STATES).optional(),
  source: sourceName.optional(),
  study: uid.optional(),
  limit,
  cursor: z.string().min(1).max(2048).optional(),
});

export const quarantineListQuery = z.strictObject({ limit, cursor: z.string().min(1).max(2048).optional() });

export const seriesQuery = z.strictObject({ source: sourceName.optional() });

export const retryBody = z.strictObject({
  recompute: z.boolean().optional(),
  product: z.string().regex(PRODUCT_NAME_PATTERN, 'expected the name of a product').optional(),
});

/** A stage that is none is refused by the route, which knows them. */
const stageName = z.string().min(1).max(64);

export const deadLetterListQuery = z.strictObject({
  stage: stageName.optional(),
  cause: z.enum(DEAD_LETTER_CAUSES).optional(),
  limit,
});

export const redriveBody = z.strictObject({
  stage: stageName.optional(),
  cause: z.enum(DEAD_LETTER_CAUSES).optional(),
  limit: z.number().int().min(1).max(10_000).default(1000),
  before: z.iso.datetime().optional(),
});

export const uploadLinksBody = z.strictObject({
  source: sourceName,
  // An answer of Lambda holds 6 MB at most; a link has some 2 KB, most of them the session token of the function.
  count: z.number().int().min(1).max(1000),
  // Credentials of a function end after some hours, and every link with them.
  expiresInSeconds: z.number().int().min(60).max(3600).default(900),
  withMarker: z.boolean().default(false),
});

export const bulkRetryBody = z
  .strictObject({
    reason: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected a reason code')
      .optional(),
    source: sourceName.optional(),
    state: z.enum(['FAILED', 'UNSUPPORTED']).default('FAILED'),
    recompute: z.boolean().optional(),
    limit: z.number().int().min(1).max(1000).default(200),
    cursor: z.string().min(1).max(2048).optional(),
  })
  .refine(
    ({ reason, source }) => reason !== undefined || source !== undefined,
    'expected a reason or a source',
  );

/** Unknown parameters are named back, and a body may be megabytes of them: an answer holds 6 MB at most (AWS Lambda quotas). */
const MAX_DETAIL_LENGTH = 1000;

/** Throws a `ProblemError` (400) that names every parameter that is wrong. */
export function readParameters<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`,
  );
  throw new ProblemError(400, 'Bad request', mistakes.join('; ').slice(0, MAX_DETAIL_LENGTH).toWellFormed());
}

export function readUid(text: string): string {
  if (isValidUid(text)) return text;
  throw new ProblemError(
    400,
    'Bad request',
    'expected a SeriesInstanceUID: digits and dots, at most 64 characters',
  );
}

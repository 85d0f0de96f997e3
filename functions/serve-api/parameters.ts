import * as z from 'zod';
import { PRODUCTS } from '../core/product.ts';
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
  product: z.enum(PRODUCTS).optional(),
});

/** Throws a `ProblemError` (400) that names every parameter that is wrong. */
export function readParameters<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`,
  );
  throw new ProblemError(400, 'Bad request', mistakes.join('; '));
}

export function readUid(text: string): string {
  if (isValidUid(text)) return text;
  throw new ProblemError(
    400,
    'Bad request',
    'expected a SeriesInstanceUID: digits and dots, at most 64 characters',
  );
}

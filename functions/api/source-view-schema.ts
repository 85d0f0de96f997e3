import { SERIES_STATES, STOP_REASONS } from '../series/series-facts.ts';
import * as z from '../shared/schema.ts';
import { instant } from './series-view-schema.ts';

const text = z.string();
const amount = z.int().check(z.minimum(0));

export const stateCount = z.object({
  state: z.enum(SERIES_STATES),
  count: amount,
  isComplete: z.boolean().check(z.describe('Otherwise there are more of them than were counted')),
});

export const sourceView = z.object({
  name: text,
  delivery: z.enum(['upload', 'external']),
  products: z.array(text).check(z.describe('Those that are licensed')),
  serviceLevelMinutes: z
    .number()
    .check(z.minimum(0), z.describe('The site promises results of a complete series within so long')),
  completion: z
    .object({
      mode: z.enum(['adaptive', 'quiet']),
      floorSeconds: z.exactOptional(z.number()).check(z.describe('Left out: 3')),
      quietPeriodSeconds: z.number(),
      maxWaitSeconds: z.number(),
    })
    .check(z.describe('How long a series has to be silent')),
  stop: z
    .exactOptional(
      z.object({
        reason: z.enum(STOP_REASONS),
        since: instant,
        nextProbeAt: instant.check(z.describe('The next series that asks from then on tries Qure again')),
        isProbing: z.boolean().check(z.describe('A series tries at present')),
      }),
    )
    .check(z.describe('Calls for the source are stopped')),
  concurrency: z
    .exactOptional(
      z.object({
        limit: amount,
        used: amount.check(z.describe('Urgent series are admitted beyond the limit')),
        waiting: amount.check(z.describe('Series that wait for their turn, 100 at most')),
      }),
    )
    .check(z.describe('Where the source has `maxConcurrentSeries`')),
  dailyBudget: z
    .exactOptional(
      z.object({ limit: amount, used: amount, endsAt: instant.check(z.describe('The end of the UTC day')) }),
    )
    .check(z.describe('Where the source has one')),
  backlog: z.array(stateCount).check(z.describe('Each state that is not final, once')),
});

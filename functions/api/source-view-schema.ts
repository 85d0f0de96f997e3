import * as z from 'zod';
import { SERIES_STATES, STOP_REASONS } from '../series/series-facts.ts';
import { instant } from './series-view-schema.ts';

const text = z.string();
const amount = z.int().min(0);

export const stateCount = z.object({
  state: z.enum(SERIES_STATES),
  count: amount,
  isComplete: z.boolean().describe('Otherwise there are more of them than were counted'),
});

export const sourceView = z.object({
  name: text,
  delivery: z.enum(['upload', 'external']),
  products: z.array(text).describe('Those that are licensed'),
  serviceLevelMinutes: z
    .number()
    .min(0)
    .describe('The site promises results of a complete series within so long'),
  completion: z
    .object({
      mode: z.enum(['adaptive', 'quiet']),
      floorSeconds: z.number().exactOptional().describe('Left out: 3'),
      quietPeriodSeconds: z.number(),
      maxWaitSeconds: z.number(),
    })
    .describe('How long a series has to be silent'),
  stop: z
    .object({
      reason: z.enum(STOP_REASONS),
      since: instant,
      nextProbeAt: instant.describe('The next series that asks from then on tries Qure again'),
      isProbing: z.boolean().describe('A series tries at present'),
    })
    .exactOptional()
    .describe('Calls for the source are stopped'),
  concurrency: z
    .object({
      limit: amount,
      used: amount.describe('Urgent series are admitted beyond the limit'),
      waiting: amount.describe('Series that wait for their turn, 100 at most'),
    })
    .exactOptional()
    .describe('Where the source has `maxConcurrentSeries`'),
  dailyBudget: z
    .object({ limit: amount, used: amount, endsAt: instant.describe('The end of the UTC day') })
    .exactOptional()
    .describe('Where the source has one'),
  backlog: z.array(stateCount).describe('Each state that is not final, once'),
});

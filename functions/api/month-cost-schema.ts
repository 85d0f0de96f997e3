import * as z from 'zod';
import { instant } from './series-view-schema.ts';

const usd = z.number().min(0);

export const monthCost = z.object({
  since: instant.describe('The first of the month, in UTC'),
  asOf: instant.describe('When it was counted: an answer is kept for up to an hour'),
  usd: usd.describe('US dollars of all items together; `missing` is not in it'),
  items: z.array(
    z.object({
      service: z.string(),
      counted: z.string().describe('What was counted, in words'),
      quantity: z.number().min(0).describe('In units of the price'),
      price: z.object({ usd, per: z.int().min(1), unit: z.string() }).describe('US dollars for `per` units'),
      usd,
      metric: z.string().describe('Of CloudWatch: its namespace and name, or names'),
    }),
  ),
  missing: z.array(z.string()).describe('What is not in it, in words'),
  region: z.string().describe('Of the deployment'),
  prices: z.object({
    region: z.string().describe('Whose list prices they are; others differ'),
    asOf: z.string().describe('The year of the prices'),
  }),
});

import * as z from '../shared/schema.ts';
import { instant } from './series-view-schema.ts';

const usd = z.number().check(z.minimum(0));

export const monthCost = z.object({
  since: instant.check(z.describe('The first of the month, in UTC')),
  asOf: instant.check(z.describe('When it was counted: an answer is kept for up to an hour')),
  usd: usd.check(z.describe('US dollars of all items together; `missing` is not in it')),
  items: z.array(
    z.object({
      service: z.string(),
      counted: z.string().check(z.describe('What was counted, in words')),
      quantity: z.number().check(z.minimum(0), z.describe('In units of the price')),
      price: z
        .object({ usd, per: z.int().check(z.minimum(1)), unit: z.string() })
        .check(z.describe('US dollars for `per` units')),
      usd,
      metric: z.string().check(z.describe('Of CloudWatch: its namespace and name, or names')),
    }),
  ),
  missing: z.array(z.string()).check(z.describe('What is not in it, in words')),
  region: z.string().check(z.describe('Of the deployment')),
  prices: z.object({
    region: z.string().check(z.describe('Whose list prices they are; others differ')),
    asOf: z.string().check(z.describe('The year of the prices')),
  }),
});

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { PRODUCTS } from '../../functions/qure/product.ts';
import type { SimulatedWorld } from './world.ts';
import { sourceName, TABLE } from './world-names.ts';

/** What the sources of a scenario know of computing times before anything comes. */
export function putKnownTimes(world: SimulatedWorld): void {
  const { learnedPolls, sources } = world.scenario;
  if (learnedPolls === undefined || learnedPolls.knownResults === 0) return;
  const times = Array.from({ length: learnedPolls.knownResults }, () => learnedPolls.knownSeconds);
  for (const source of sources.keys())
    for (const product of PRODUCTS)
      world.table.execute(
        new PutCommand({
          TableName: TABLE,
          Item: { pk: `SOURCE#${sourceName(source)}`, sk: `COMPUTING#${product}`, times, version: 1 },
        }),
      );
}

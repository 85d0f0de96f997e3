import type { CostsRouteDeps } from '../../functions/api/costs-route.ts';
import { type Billed, type CountUse, monthCostOf } from '../../functions/api/month-cost.ts';
import { observed } from './world/port-calls.ts';
import type { World } from './world/world.ts';

/** A deployment of two functions, one index, one queue with its dead letters, and an HTTP API. */
export const BILLED: Billed = {
  appName: 'radiology',
  region: 'us-east-1',
  functions: [
    { name: 'upload', memoryMb: 1024 },
    { name: 'api', memoryMb: 512 },
  ],
  httpApiId: 'a1b2',
  tableName: 'series',
  indexNames: ['byState'],
  queueNames: ['compute', 'compute-dead'],
  bucketNames: ['drops', 'results'],
};

/** As a deployment on AWS has it, where each metric has been counted to a million. */
export function billOf(world: World, billed: Billed = BILLED): Required<CostsRouteDeps> {
  const countUse: CountUse = async (metrics) => metrics.map(() => 1_000_000);
  return observed(
    'bill',
    { readMonthCost: () => monthCostOf(billed, countUse, world.clock.now()) },
    world.probe,
  );
}

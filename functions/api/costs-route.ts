import type { MonthCost } from './month-cost.ts';
import { ProblemError } from './problem.ts';

export interface CostsRouteDeps {
  /** Of a deployment on AWS. */
  readMonthCost?: () => Promise<MonthCost>;
}

/** `GET /v1/costs` */
export async function showCosts({ readMonthCost }: CostsRouteDeps): Promise<MonthCost> {
  if (readMonthCost === undefined)
    throw new ProblemError(
      404,
      'No bill',
      'AWS bills deployments in the cloud; one machine has no bill, see docs/costs.md',
    );
  return readMonthCost();
}

import type { Benchmark, Findings } from '../benchmark.ts';
import { costFindings } from './cost-tables.ts';
import { countDesigns } from './count-all.ts';
import { partsOfDeployment } from './default-template.ts';

const SLICES = 300;

/** What AWS asks for 1,000 series, an idle month and a year, by calls that are counted in one run of each design. */
export const cost: Benchmark = {
  name: 'cost',
  run: async (): Promise<Findings[]> => costFindings(await countDesigns(SLICES), partsOfDeployment()),
};

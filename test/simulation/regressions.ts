import { ARCHIVES } from './regressions/archives.ts';
import { INDEX_AND_COMPLETION } from './regressions/index-and-completion.ts';
import { OTHER_QURE } from './regressions/other-qure.ts';
import { RECOVERY } from './regressions/recovery.ts';
import type { Regression } from './regressions/regression.ts';
import { RESULTS } from './regressions/results.ts';
import { UPLOADS } from './regressions/uploads.ts';

/** What the simulation found in the pipeline, each mended since, by stage. */
export const REGRESSIONS: readonly Regression[] = [
  ...INDEX_AND_COMPLETION,
  ...UPLOADS,
  ...RESULTS,
  ...ARCHIVES,
  ...RECOVERY,
  ...OTHER_QURE,
];

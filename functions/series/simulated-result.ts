import type { Series } from './series.ts';

/** `qure_model_version` of the bundled simulator, which no function of the deployment loads. */
export const SIMULATOR_MODEL_VERSION = 'simulator';

/**
 * By what the simulator said, also where Qure answers for the source by now. As with the triage: while a later generation has no result, that of
 * the last one before.
 */
export function isSimulatedResult(series: Series): boolean {
  const hasResult =
    series.state === 'DONE' || (series.state === 'FAILED' && series.triageStatus !== undefined);
  if (hasResult) return series.modelVersion === SIMULATOR_MODEL_VERSION;
  const before = series.earlierGenerations?.findLast(({ triage }) => triage !== undefined);
  return before?.isSimulated === true;
}

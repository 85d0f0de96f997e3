import { isXRayUsecase } from '../qure/product.ts';
import type { DoneSeries, Series } from './series.ts';
import { TRIAGES, type Triage } from './series-facts.ts';

/**
 * Of the result that is stored, which may lack assets. While a later generation has none, of the last one before, unless that was routine: it says nothing of
 * what has come since.
 */
export function triageOf(series: Series): Triage | undefined {
  if (series.state === 'DONE') return triageOfResult(series);
  if (series.state === 'FAILED' && series.triageStatus !== undefined) return triageOfResult(series);
  const before = series.earlierGenerations?.findLast(({ triage }) => triage !== undefined)?.triage;
  return before === 'routine' ? undefined : before;
}

/** The worst of its series. Routine only where each one is: what Qure has not read may show anything. What is skipped is not for Qure. */
export function triageOfStudy(all: readonly Series[]): Triage | undefined {
  const triages = all.map(triageOf);
  const worst = TRIAGES.find((triage) => triages.includes(triage));
  const isRoutine = all.every((series, at) => series.state === 'SKIPPED' || triages[at] === 'routine');
  return worst === 'routine' && !isRoutine ? undefined : worst;
}

type ResultFacts = Pick<DoneSeries, 'triageStatus' | 'usecase' | 'product' | 'resultFiles'>;

/** Qure's word in one meaning for all products: its `critical` of an X-ray says that any abnormality was found, no more. */
export function triageOfResult(series: ResultFacts): Triage | undefined {
  if (series.triageStatus === undefined) return undefined;
  if (series.triageStatus === 'routine') return 'routine';
  return isXRay(series) ? 'abnormal' : 'critical';
}

/** Also of a product that the source defines: only results by instance have files of their own for each. */
function isXRay({ usecase, product, resultFiles }: ResultFacts): boolean {
  return (
    isXRayUsecase(usecase) ||
    isXRayUsecase(product) ||
    resultFiles.some((file) => /^result\.[0-9.]+\.json$/.test(file))
  );
}

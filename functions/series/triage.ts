import { isXRayUsecase } from '../qure/product.ts';
import type { Series } from './series.ts';

/** How soon a person has to look; the most urgent first. */
export const TRIAGES = ['critical', 'abnormal', 'routine'] as const;
export type Triage = (typeof TRIAGES)[number];

/** Qure's word in one meaning for all products: its `critical` of an X-ray says that any abnormality was found, no more. */
export function triageOf(series: Series): Triage | undefined {
  if (series.state !== 'DONE' || series.triageStatus === undefined) return undefined;
  if (series.triageStatus === 'routine') return 'routine';
  return isXRay(series) ? 'abnormal' : 'critical';
}

/** Also of a product that the source defines: only results by instance have files of their own for each. */
function isXRay({ usecase, product, resultFiles }: Extract<Series, { state: 'DONE' }>): boolean {
  return (
    isXRayUsecase(usecase) ||
    isXRayUsecase(product) ||
    resultFiles.some((file) => /^result\.[0-9.]+\.json$/.test(file))
  );
}

export function worstTriage(triages: readonly (Triage | undefined)[]): Triage | undefined {
  return TRIAGES.find((triage) => triages.includes(triage));
}

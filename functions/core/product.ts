/** Qure's products that this pipeline serves. */
export const PRODUCTS = ['qER', 'qCT', 'qXR', 'qMSK'] as const;
export type Product = (typeof PRODUCTS)[number];

/** qER and qCT are computed and answered per series; qXR and qMSK per instance, without a compute call. */
export function isComputedPerSeries(product: Product): boolean {
  return product === 'qER' || product === 'qCT';
}

/** Qure's products that this pipeline serves. */
export const PRODUCTS = ['qER', 'qCT', 'qXR', 'qMSK'] as const;
export type Product = (typeof PRODUCTS)[number];

/** qER and qCT are computed and answered per series; qXR and qMSK per instance, without a compute call. */
export function isComputedPerSeries(product: Product): boolean {
  return product === 'qER' || product === 'qCT';
}

/** `products`: the list of a source; without one every product is licensed. */
export function isLicensed(products: readonly Product[] | undefined, product: Product): boolean {
  return products === undefined || products.includes(product);
}

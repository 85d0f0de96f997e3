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

/** Qure receives both by the same calls, and decides by itself which of the two reads an X-ray. */
const X_RAY_PRODUCTS: readonly Product[] = ['qXR', 'qMSK'];

/**
 * The licensed product that takes what was routed to `product`; nothing where none does. A licence for either X-ray product
 * takes every X-ray: to withhold one for a guess of ours at what it shows would lose it.
 */
export function licensedProduct(
  products: readonly Product[] | undefined,
  product: Product,
): Product | undefined {
  if (isLicensed(products, product)) return product;
  if (!X_RAY_PRODUCTS.includes(product)) return undefined;
  return products?.find((candidate) => X_RAY_PRODUCTS.includes(candidate));
}

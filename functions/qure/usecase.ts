import type { ProductDefinition } from './product.ts';

/** Qure has not read the scan. */
export function isNotImplemented(usecase: string | undefined): boolean {
  return usecase === 'not_implemented' || usecase === 'not-implemented';
}

type KnownProduct = Required<ProductDefinition>;

/**
 * The product that a use case is of: `qer` is qER's, and so is `qer-quant`, unless a product of that use case is defined. Qure
 * documents the plain names alone; a longer one is believed to be the same product in another version.
 */
export function productOfUsecase(
  usecase: string,
  products: readonly KnownProduct[],
): KnownProduct | undefined {
  const isOf = ({ usecase: name }: KnownProduct) =>
    usecase === name || usecase.startsWith(`${name}-`) || usecase.startsWith(`${name}_`);
  return products.filter(isOf).sort((a, b) => b.usecase.length - a.usecase.length)[0];
}

/**
 * Whether an answer of this use case may be the answer to a series of this product. Of an X-ray Qure decides between the
 * products that it answers by instance; a CT is answered by the product that it was sent to. An answer that names no use
 * case passes.
 */
export function mayAnswer(
  product: KnownProduct,
  usecase: string | undefined,
  products: readonly KnownProduct[],
): boolean {
  if (usecase === undefined || isNotImplemented(usecase)) return true;
  const answering = productOfUsecase(usecase, products);
  if (product.results === 'series') return answering?.usecase === product.usecase;
  return answering?.results !== 'series';
}

/** What most answers say; of two that are as frequent, the first by the alphabet. */
export function mostFrequent(texts: readonly (string | undefined)[]): string | undefined {
  const said = texts.filter((text) => text !== undefined).sort();
  const counts = Map.groupBy(said, (text) => text);
  return [...counts].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

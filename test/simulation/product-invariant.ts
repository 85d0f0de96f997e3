import type { Series } from '../../functions/series/series.ts';
import { BrokenInvariantError } from './broken-invariant.ts';

/** The two products that read X-rays, written down a second time. */
const XRAY_PRODUCTS = [
  ['qmsk', 'qMSK'],
  ['qxr', 'qXR'],
] as const;

/** 10: `product` of an X-ray series that is done is the one that has read most of its images; of two as frequent, the first by the alphabet. */
export function expectAnsweringProduct(
  { product }: Extract<Series, { state: 'DONE' }>,
  usecases: readonly string[],
): void {
  const counts = XRAY_PRODUCTS.map(([usecase, name]) => ({
    name,
    images: usecases.filter((one) => one === usecase).length,
  }));
  const [first] = counts.sort((a, b) => b.images - a.images);
  // Qure has read none of them, so that it has not decided.
  if (first === undefined || first.images === 0) return;
  if (product !== first.name)
    throw new BrokenInvariantError(`10: DONE as ${product}, and ${first.name} has answered`);
}

/** 10: where another product than the one that the series was sent to has answered, the row tells both. */
export function untoldRouting(before: Series, after: Series): string | undefined {
  if (before.state !== 'COMPUTING' || after.state !== 'DONE' || after.product === before.product)
    return undefined;
  return after.routedProduct === before.product
    ? undefined
    : '10: DONE does not tell to which product the series was sent';
}

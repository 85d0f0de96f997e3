/** The products that are built in. A source may define others (`ProductDefinition`). */
export const PRODUCTS = ['qER', 'qCT', 'qXR', 'qMSK'] as const;
/** The name of a product: one that is built in, or one that the source defines. */
export type Product = (typeof PRODUCTS)[number] | (string & {});

/** What has to be known of a product of Qure's to serve it. */
export interface ProductDefinition {
  name: Product;
  /** Whether results are asked for by SeriesInstanceUID, or by each SOPInstanceUID (v2). */
  results: 'series' | 'instance';
  /** Whether Qure wants the compute call, unless the source says `compute: automatic`. */
  compute: boolean;
  /** What Qure's answers call it. @default the name in lower case */
  usecase?: string;
}

export const PRODUCT_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

const BUILT_IN: readonly Required<ProductDefinition>[] = [
  { name: 'qER', results: 'series', compute: true, usecase: 'qer' },
  { name: 'qCT', results: 'series', compute: true, usecase: 'qct' },
  { name: 'qXR', results: 'instance', compute: false, usecase: 'qxr' },
  { name: 'qMSK', results: 'instance', compute: false, usecase: 'qmsk' },
];

/** Seconds, roughly: how long Qure computes is in none of its documents. It is learned (`poll-plan.ts`). */
export function usualComputeSeconds({ results, usecase }: Required<ProductDefinition>): number {
  if (results === 'instance') return 15;
  return usecase === 'qct' ? 150 : 90;
}

/** Qure receives both by the same calls, and decides by itself which of the two reads an X-ray. */
const X_RAY_USECASES: readonly string[] = ['qxr', 'qmsk'];

/** `products` of a source: names, and definitions of products that are not built in. */
export type LicensedProducts = readonly (Product | ProductDefinition)[];

/** The part of a source that says which products it has. */
export interface SourceProducts {
  products?: LicensedProducts | undefined;
}

export function productNames(products: LicensedProducts): string[] {
  return products.map((entry) => (typeof entry === 'string' ? entry : entry.name));
}

/** Every product that a rule or a person may name: those that are built in, and those that the source defines. */
export function knownProducts(source: SourceProducts): Required<ProductDefinition>[] {
  const defined = (source.products ?? []).flatMap((entry) => (typeof entry === 'string' ? [] : [entry]));
  const others = defined.filter(({ name }) => BUILT_IN.every((product) => product.name !== name));
  return [...BUILT_IN, ...others.map((entry) => ({ usecase: entry.name.toLowerCase(), ...entry }))];
}

/** A row names a product whose definition has left the sources document. */
export class UnknownProductError extends Error {
  override name = 'UnknownProductError';
}

/** Throws `UnknownProductError`: the message then waits in its queue, and in the dead-letter queue after that. */
export function productOf(
  source: SourceProducts & { name: string },
  product: Product,
): Required<ProductDefinition> {
  const found = knownProducts(source).find(({ name }) => name === product);
  if (found !== undefined) return found;
  throw new UnknownProductError(
    `expected a definition of the product ${product} among the products of the source ${source.name}; put it back, or its series stay open`,
  );
}

/** Either name of an X-ray product, or what Qure's answer calls it. */
export function isXRayUsecase(name: string | undefined): boolean {
  return name !== undefined && X_RAY_USECASES.includes(name.toLowerCase());
}

/** A source without a list has every product that is built in. */
export function isLicensed({ products }: SourceProducts, product: Product): boolean {
  return (products === undefined ? PRODUCTS : productNames(products)).some((name) => name === product);
}

/**
 * The licensed product that takes what was routed to `product`; nothing where none does. A licence for either X-ray product
 * takes every X-ray: to withhold one for a guess of ours at what it shows would lose it.
 */
export function licensedProduct(source: SourceProducts, product: Product): Product | undefined {
  if (isLicensed(source, product)) return product;
  const isXRay = ({ usecase }: Required<ProductDefinition>) => X_RAY_USECASES.includes(usecase);
  const xRays = knownProducts(source)
    .filter(isXRay)
    .map(({ name }) => name);
  if (!xRays.includes(product)) return undefined;
  return productNames(source.products ?? []).find((name) => xRays.includes(name));
}

/** What is wrong with a definition that has the name of a product that is built in. */
export function contradicts(definition: ProductDefinition): boolean {
  const builtIn = BUILT_IN.find(({ name }) => name.toLowerCase() === definition.name.toLowerCase());
  if (builtIn === undefined) return false;
  const { name, results, compute, usecase = builtIn.usecase } = definition;
  return (
    name !== builtIn.name ||
    results !== builtIn.results ||
    compute !== builtIn.compute ||
    usecase !== builtIn.usecase
  );
}

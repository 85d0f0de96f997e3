import { readBaseUrl } from '../qure/base-url.ts';
import {
  contradicts,
  isLicensed,
  knownProducts,
  PRODUCTS,
  type ProductDefinition,
  productNames,
} from '../qure/product.ts';
import { defined } from '../shared/defined.ts';
import type { DetailType } from '../shared/detail-types.ts';
import type { DropAccess, Source, SourceDeployment } from './source.ts';
import type { SourceEntry } from './source-schema.ts';

/** A mistake of one source, and where it stands: `product`, `notifications.0.triageStatus`. */
export interface SourceProblem {
  path: string;
  message: string;
}

/** What the options of one source demand of one another. */
interface Relation {
  /** The options that it looks at. While one of them has a mistake of its own, the relation is not asked. */
  of: readonly (keyof SourceEntry)[];
  problems(entry: SourceEntry, source: Source): SourceProblem[];
}

const DAY_SECONDS = 86_400;

/** Which events have what a notification may ask for. */
const NOTIFICATION_FILTERS = [
  { filter: 'triageStatus', isWith: isResult, expected: '"Series Done", which alone has one' },
  { filter: 'findings', isWith: isResult, expected: '"Series Done", which alone has them' },
  { filter: 'products', isWith: hasProduct, expected: 'events of a series that has a product' },
] as const;

function isResult(event: DetailType): boolean {
  return event === 'Series Done';
}

function hasProduct(event: DetailType): boolean {
  return event !== 'Series Skipped' && event !== 'Object Quarantined';
}

const RELATIONS: readonly Relation[] = [
  {
    of: ['products'],
    problems: ({ products = [] }) => [
      ...products.flatMap((entry, at) =>
        typeof entry === 'object' && contradicts(entry)
          ? [{ path: `products.${at}`, message: `expected ${entry.name} as it is built in, or another name` }]
          : typeof entry === 'string' && !isNamed(knownProducts({ products }), entry)
            ? [{ path: `products.${at}`, message: expectedProduct(knownProducts({ products }), entry) }]
            : [],
      ),
      ...repeated(productNames(products)).map((name) => ({
        path: 'products',
        message: `expected each product once, got ${name} again`,
      })),
    ],
  },
  {
    of: ['product', 'products'],
    problems: ({ products }, { product }) =>
      product === undefined || isLicensed({ products }, product)
        ? []
        : [
            {
              path: 'product',
              message: `expected one of products, ${productNames(products ?? PRODUCTS).join(', ')}, got ${product}`,
            },
          ],
  },
  {
    // An X-ray has no localizers; one that a header calls so would not be sent, and have no result.
    of: ['product', 'products', 'localizers'],
    problems: ({ products }, { product, localizers }) =>
      localizers === 'leave_out' && isOfInstances(knownProducts({ products }), product)
        ? [{ path: 'localizers', message: `expected upload with the product ${product}, got leave_out` }]
        : [],
  },
  {
    // A rule may name what is not licensed, which then skips; an unknown one is a mistake in writing.
    of: ['rules', 'products'],
    problems: ({ rules, products }) => {
      const known = knownProducts({ products });
      return rules.flatMap(({ then: outcome }, at) =>
        'product' in outcome && !isNamed(known, outcome.product)
          ? [{ path: `rules.${at}.then.product`, message: expectedProduct(known, outcome.product) }]
          : [],
      );
    },
  },
  {
    // A scan that expires while it is on its way cannot be uploaded, without any notice.
    of: [
      'retention',
      'quietPeriodSeconds',
      'maxWaitSeconds',
      'deliveryTimeoutSeconds',
      'resultsTimeoutSeconds',
    ],
    problems(_entry, source) {
      const { retention } = source;
      if (retention?.scanDays === undefined) return [];
      const leastDays = Math.floor(longestWaySeconds(source) / DAY_SECONDS) + 1;
      if (retention.scanDays >= leastDays) return [];
      const message = `expected at least ${leastDays}, longer than quietPeriodSeconds, maxWaitSeconds, deliveryTimeoutSeconds and resultsTimeoutSeconds together, got ${retention.scanDays}`;
      return [{ path: 'retention.scanDays', message }];
    },
  },
  {
    // With such a filter EventBridge would let no other event through, and a failure would go untold.
    of: ['notifications'],
    problems: ({ notifications }) =>
      notifications.flatMap((notification, at) =>
        NOTIFICATION_FILTERS.flatMap(({ filter, isWith, expected }) => {
          const others = notification.events.filter((event) => !isWith(event));
          if (notification[filter] === undefined || others.length === 0) return [];
          const got = others.map((event) => `"${event}"`).join(', ');
          const message = `expected only with ${expected}, got it with ${got}; give these an entry of their own`;
          return [{ path: `notifications.${at}.${filter}`, message }];
        }),
      ),
  },
  {
    of: ['notifications', 'products'],
    problems: ({ notifications, products }) => {
      const known = knownProducts({ products });
      return notifications.flatMap((notification, at) =>
        (notification.products ?? [])
          .filter((product) => !isNamed(known, product))
          .map((product) => ({
            path: `notifications.${at}.products`,
            message: expectedProduct(known, product),
          })),
      );
    },
  },
  {
    of: ['qure', 'network'],
    problems: ({ qure, network }) =>
      qure?.baseUrl === undefined || readBaseUrl(qure.baseUrl, network).kind === 'ok'
        ? []
        : [
            {
              path: 'qure.baseUrl',
              message:
                'expected https, or http with network.allowHttp: true, which sends the token and the scans unencrypted',
            },
          ],
  },
  {
    of: ['dropAccess'],
    problems: ({ dropAccess }) =>
      dropAccess === undefined || dropAccessOf(dropAccess) !== undefined
        ? []
        : [{ path: 'dropAccess', message: 'expected exactly one of accountId and principalArn' }],
  },
];

function isNamed(known: readonly { name: string }[], product: string): boolean {
  return known.some(({ name }) => name === product);
}

function isOfInstances(known: readonly ProductDefinition[], product: string | undefined): boolean {
  return known.some(({ name, results }) => name === product && results === 'instance');
}

function expectedProduct(known: readonly { name: string }[], product: string): string {
  return `expected one of ${known.map(({ name }) => name).join(', ')}, or a definition among products, got ${product}`;
}

/** Names that differ in their case alone count as one: metrics and filters would part what people read as one. */
function repeated(names: readonly string[]): string[] {
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((_name, at) => lower.indexOf(lower[at] ?? '') < at);
}

/** @param broken the options that have a mistake of their own already */
export function relationProblems(
  entry: SourceEntry,
  source: Source,
  broken: ReadonlySet<string>,
): SourceProblem[] {
  return RELATIONS.filter(({ of }) => !of.some((option) => broken.has(option))).flatMap(({ problems }) =>
    problems(entry, source),
  );
}

/** From the last instance to the result, with every wait as long as it may be. */
function longestWaySeconds(source: Source): number {
  const { quietPeriodSeconds, maxWaitSeconds, deliveryTimeoutSeconds, resultsTimeoutSeconds } = source;
  return quietPeriodSeconds + maxWaitSeconds + deliveryTimeoutSeconds + resultsTimeoutSeconds;
}

/** `undefined` unless exactly one of the two ways is named. */
function dropAccessOf(written: NonNullable<SourceEntry['dropAccess']>): DropAccess | undefined {
  const { accountId, principalArn, externalId } = written;
  if (accountId !== undefined) return principalArn === undefined ? { accountId, externalId } : undefined;
  return principalArn === undefined ? undefined : { principalArn, externalId };
}

/** What the deployment makes for a source whose relations hold. */
export function deploymentOf({ notifications, dropAccess }: SourceEntry): SourceDeployment {
  const access = dropAccess === undefined ? undefined : dropAccessOf(dropAccess);
  return { notifications, ...defined({ dropAccess: access }) };
}

import type { Product, ProductDefinition } from '../qure/product.ts';
import type { IndicationPreset } from '../routing/indications.ts';
import type { Priority } from '../routing/priority.ts';
import type { RoutingRule } from '../routing/rules.ts';
import type {
  CompletionOptions,
  QualityMode,
  QureAddress,
  Source,
  SourceNetwork,
  SourceNotification,
} from './source.ts';

/**
 * One source as it is written (docs/configuration.md). In words of its own, not inferred from `source-schema.ts`: it is a type
 * of the package, whose users need not have the library of the schema. A test holds the two together.
 */
export interface SourceDocument {
  /** Every key below it belongs to this source; ends in `/`. Left out: the name of the source. */
  prefix?: string;
  /** Every image goes to this product, and no rule is asked. */
  product?: Product;
  /**
   * The products that are licensed; a CT for another one is skipped, and either X-ray product takes every X-ray. An entry may
   * define a product that is not built in. Left out: all that are built in.
   */
  products?: (Product | ProductDefinition)[];
  /** `urgent`: everything that no rule calls routine. `routine`: the default rules make nothing urgent. */
  priority?: Priority;
  /** Asked in order, before the default rules; the first that holds decides. */
  rules?: RoutingRule[] | undefined;
  /** Whether the default rules are asked after the rules. @default true */
  useDefaultRules?: boolean | undefined;
  /** A series is complete when no new instance came for so long. */
  quietPeriodSeconds?: number;
  /** How the silence of a sender is judged: `adaptive` (default) learns it, `quiet` waits for the whole quiet period. */
  completion?: WrittenCompletion;
  /** The longest that a backlog of the ingest queue can put that off, from the last arrival. @default 900 */
  maxWaitSeconds?: number | undefined;
  /** `upload`: the pipeline uploads to Qure. `external`: another system does. */
  delivery?: Source['delivery'];
  /** Slices of a CT that are missing or doubled: `warn` tells, `hold` waits for more instances, `refuse` fails. @default 'warn' */
  quality?: QualityMode;
  /** Localizers among the slices of a CT. @default 'upload' */
  localizers?: 'upload' | 'leave_out';
  /** The accession numbers of scans: `keep` has studies found by them; `leave_out` stores none. @default 'keep' */
  accessionNumbers?: 'keep' | 'leave_out';
  /** The clearances that hold: a scan outside them is skipped. @default 'none' */
  indications?: IndicationPreset;
  /** `call`: the pipeline makes the compute call. `automatic`: Qure starts by itself. */
  compute?: Source['compute'];
  /** The first wait between two polls of results; later ones grow to four times it. Left out: learned of each product. */
  pollIntervalSeconds?: number;
  /** Give up on results so long after Qure accepted the series. */
  resultsTimeoutSeconds?: number;
  /** Give up on bringing a series to Qure so long after it was taken up. Left out: as `resultsTimeoutSeconds`. */
  deliveryTimeoutSeconds?: number;
  /** Asset types that each of Qure's answers has, for example `sc` and `report_pdf`. Left out: whatever comes is enough. */
  expects?: string[];
  /** The results of a complete series are promised within so long; later counts as overdue. @default 3600 */
  serviceLevelSeconds?: number | undefined;
  /** Upload requests at once for a series. @default 5 */
  uploadConcurrency?: number | undefined;
  /** Series of this source that are brought to Qure at the same time. Left out: no limit of its own. */
  maxConcurrentSeries?: number;
  /** Computations of this source per UTC day. Left out: no limit. */
  dailyBudget?: number;
  /** How Qure is reached. In the cloud, what the secret holds wins over it. */
  qure?: WrittenQure;
  /** The way to Qure where it is not the open internet: a proxy, a private CA, plain http, hosts of assets. */
  network?: WrittenNetwork;
  /** In the cloud: how long scans and results of this source are kept. */
  retention?: WrittenRetention;
  /** In the cloud: SNS topics that are told of events of this source; at most 20. */
  notifications?: SourceNotification[] | undefined;
  /** In the cloud: a role by which a sender of another AWS account drops below the prefix. Exactly one of its two ways. */
  dropAccess?: { accountId?: string; principalArn?: string; externalId: string };
}

export interface WrittenCompletion {
  /** @default 'adaptive' */
  mode?: CompletionOptions['mode'] | undefined;
  /** What is learned is never less. @default 3 */
  floorSeconds?: number;
}

/** The token is for one machine; a deployment leaves it out. */
export interface WrittenQure extends QureAddress {
  token?: string;
  /** The environment variable that holds the token. */
  tokenEnv?: string;
}

export interface WrittenRetention {
  /** Days after which a dropped object expires. @default 30, in a bucket that the deployment makes */
  scanDays?: number | 'never';
  /** Days after which a stored result expires. Left out: never. */
  resultDays?: number;
}

/** `caFile` is for one machine; a deployment leaves it out. */
export interface WrittenNetwork extends SourceNetwork {
  /** A file with PEM certificates, from the folder of the sources document. */
  caFile?: string;
}

/** What of the document may leave the machine: without the token, the name of its variable, and the name of a file. */
export function withoutLocalOptions(document: SourceDocument): SourceDocument {
  const { qure, network, ...others } = document;
  const { token: _token, tokenEnv: _tokenEnv, ...address } = qure ?? {};
  const { caFile: _caFile, ...way } = network ?? {};
  return {
    ...others,
    ...(Object.keys(address).length === 0 ? {} : { qure: address }),
    ...(Object.keys(way).length === 0 ? {} : { network: way }),
  };
}

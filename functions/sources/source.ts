import type { TriageStatus } from '../qure/answer-facts.ts';
import type { Product, ProductDefinition } from '../qure/product.ts';
import type { IndicationPreset } from '../routing/indications.ts';
import type { Priority } from '../routing/priority.ts';
import type { RoutingRule } from '../routing/rules.ts';
import type { DetailType } from '../shared/detail-types.ts';

export const QUALITY_MODES = ['warn', 'hold', 'refuse'] as const;
export type QualityMode = (typeof QUALITY_MODES)[number];

/**
 * A source is one sender of scans: a prefix of the drop bucket with its own Qure workspace, rules and times.
 * Read from the sources document (docs/configuration.md); `sources-document.ts` parses and checks it.
 */
export interface Source {
  name: string;
  /** Ends in `/`. Every key below it belongs to this source. */
  prefix: string;
  /** Routes everything that is an image, and not a result of Qure's, to this product; no other rule is asked. */
  product?: Product;
  /** The products that are licensed (`licensedProduct`). Absent: all are. */
  products?: (Product | ProductDefinition)[];
  /**
   * Of what no rule says otherwise about. `routine`: the default rules make nothing urgent either, for example in an
   * archive that is read again.
   */
  priority?: Priority;
  /** Asked in order, before the default rules. */
  rules: RoutingRule[];
  /** Ask the default rules after `rules`. */
  useDefaultRules: boolean;
  /** No new instance for so long means complete; with `adaptive`, of a sender of which little is known. */
  quietPeriodSeconds: number;
  completion: CompletionOptions;
  /** The longest that a backlogged ingest queue can put off that judgement, counted from the last arrival. */
  maxWaitSeconds: number;
  /** `upload`: the pipeline uploads to Qure. `external`: another system does. */
  delivery: 'upload' | 'external';
  /**
   * What a hole among the slices of a CT means. Absent, `warn`: the series goes to Qure, and the row says so. `hold`: it waits for
   * more instances until `maxWaitSeconds` after the last arrival. `refuse`: it fails, before anything is uploaded.
   */
  quality?: QualityMode;
  /** Localizers among the slices of a CT. Absent, `upload`: they go along. */
  localizers?: 'upload' | 'leave_out';
  /** Absent, `keep`: rows have the accession number, and studies are found by it. */
  accessionNumbers?: 'keep' | 'leave_out';
  /** The clearances beyond which nothing is sent. Absent, `none`: all is sent, and what lies outside is said. */
  indications?: IndicationPreset;
  /** `call`: make the compute call. `automatic`: Qure starts by itself when the upload is whole. */
  compute: 'call' | 'automatic';
  /** The first wait between two polls of results; later waits grow to four times it. Absent: learned (`poll-plan.ts`). */
  pollIntervalSeconds?: number;
  /** Give up on results so long after Qure accepted the series. */
  resultsTimeoutSeconds: number;
  /** Give up on bringing the series to Qure so long after it was complete. */
  deliveryTimeoutSeconds: number;
  /** The results of a complete series are promised within so long; nothing ends when it is over. */
  serviceLevelSeconds: number;
  /** Asset types, as Qure names them, that every answer has; one that lacks any is no whole answer. Absent: none. */
  expects?: string[];
  /** Upload requests at once for one series. */
  uploadConcurrency: number;
  /** Series that are brought to Qure at the same time. Absent: as many as the stage has runs. */
  maxConcurrentSeries?: number;
  /** Computations per UTC day. Absent: any number. */
  dailyBudget?: number;
  qure?: QureAddress;
  network?: SourceNetwork;
  retention?: Retention;
}

/** The way to Qure where it is not the open internet (docs/on-premises.md). The secret's proxy wins over this one. */
export interface SourceNetwork {
  /** Without a user and a password. */
  proxyUrl?: string;
  /** Of a secret with PEM certificates that are trusted besides the well-known ones. */
  caSecretName?: string;
  /** Plain http to the base URL, and to what `assetHosts` names. */
  allowHttp?: boolean;
  /** Where assets may be beyond public hosts; see `parseAssetHost`. */
  assetHosts?: string[];
}

/** `adaptive`: the silence that completes a series is learned from the past series of its sender. `quiet`: it is the quiet period. */
export interface CompletionOptions {
  mode: CompletionMode;
  /** What is learned is never less. @default 3 */
  floorSeconds?: number;
}

export const COMPLETION_MODES = ['adaptive', 'quiet'] as const;
export type CompletionMode = (typeof COMPLETION_MODES)[number];

/** Days after which what lies in a bucket expires; absent: never. The buckets do it, not this pipeline. */
export interface Retention {
  scanDays?: number;
  resultDays?: number;
}

/** What of the credentials may stand in the sources document: everything but the token. The secret wins over it. */
export interface QureAddress {
  baseUrl?: string;
  source?: string;
  /** Of a secret that was there before the deployment. Absent: the one that the deployment made. */
  secretName?: string;
}

/** What a deployment makes for a source, and its functions do not ask. */
export interface SourceDeployment {
  notifications: SourceNotification[];
  dropAccess?: DropAccess;
}

/** An SNS topic that is told of some events of a source. */
export interface SourceNotification {
  events: DetailType[];
  /** Only `Series Done` with one of these. */
  triageStatus?: TriageStatus[];
  /** Only of series for one of these. */
  products?: Product[];
  /** Only `Series Done` with one of these findings present: keys as events have them. */
  findings?: string[];
  topicArn: string;
}

/** Who of another account may drop below the prefix of a source. */
export type DropAccess = { externalId: string } & ({ accountId: string } | { principalArn: string });

/** Sources whose document has mistakes are left out. */
export type LoadSources = () => Promise<Source[]>;

/**
 * Where the sources that were left out have their drops, and what two sources have in common; the empty prefix where
 * that cannot be told. What lies there, and below the prefix of no one source, belongs to a source and must wait.
 */
export type LoadMisconfiguredPrefixes = () => Promise<string[]>;

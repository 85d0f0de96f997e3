import type { Product } from '../functions/qure/product.ts';
import type { Phi } from '../functions/shared/phi.ts';
import type { CompletionMode } from '../functions/sources/source.ts';
import type { QureConnection } from './options/qure-connection.ts';

export type { QureConnection } from './options/qure-connection.ts';
export { UsageError } from './options/usage-error.ts';

/** What the host is started with. Times are seconds and may have decimals. */
export interface Options {
  /** As typed. Empty: drop generated sample studies. */
  paths: string[];
  /** Exit when every dropped series is final. */
  once: boolean;
  /** Write the report there on exit. */
  jsonFile?: string;
  quietPeriodSeconds: number;
  /** Whether the silence of a sender is learned. */
  completion: CompletionMode;
  /** Absent: learned, as in the cloud. */
  pollIntervalSeconds?: number;
  /** Absent: by the sources file, else by where Qure is. */
  resultsTimeoutSeconds?: number;
  /** Route everything to it; absent: by rules. */
  product?: Product;
  delivery: 'upload' | 'external';
  compute: 'call' | 'automatic';
  /** Whether names of patients are kept, encrypted, and shown. */
  phi: Phi;
  dataDir: string;
  /** Console and API; 0 is any free port. */
  port: number;
  s3Port: number;
  /** The sources file. */
  configFile?: string;
  qure: QureConnection;
  /** Names of options on the command line: only these have precedence over a sources file. */
  typed: ReadonlySet<string>;
  /** One line each for the terminal, about options without an effect. */
  notes: string[];
}

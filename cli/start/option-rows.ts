import { PRODUCTS } from '../../functions/qure/product.ts';
import { PHI } from '../../functions/shared/phi.ts';
import { COMPLETION_MODES } from '../../functions/sources/source.ts';
import type { OptionRow } from '../frame/option-row.ts';
import { CONFIG_ROW, DATA_DIR_ROW } from '../frame/shared-rows.ts';

/** The options of the public contract, in the order in which the help shows them. */
export const START_ROWS: readonly OptionRow[] = [
  {
    name: 'once',
    value: { kind: 'flag' },
    help: 'exit when every dropped series is final (default: keep running)',
  },
  {
    name: 'json',
    placeholder: 'FILE',
    value: { kind: 'text', what: 'the name of the report file' },
    help: 'write a JSON report on exit (default: none)',
  },
  {
    name: 'quiet-period',
    placeholder: 'SECONDS',
    value: { kind: 'seconds' },
    help: 'complete after this time without a new instance (default: 5)',
  },
  {
    name: 'completion',
    placeholder: 'adaptive|quiet',
    value: { kind: 'choice', choices: COMPLETION_MODES },
    help: 'adaptive: learn from each sender how long it pauses; quiet: always wait for the quiet period (default: adaptive)',
  },
  {
    name: 'poll-interval',
    placeholder: 'SECONDS',
    value: { kind: 'seconds' },
    help: 'first wait between two polls of results (default: 1)',
  },
  {
    name: 'results-timeout',
    placeholder: 'SECONDS',
    value: { kind: 'seconds' },
    help: 'FAILED after this time without results (default: 86400; 120 with the simulator, or any Qure on this machine)',
  },
  {
    name: 'product',
    placeholder: PRODUCTS.join('|'),
    value: { kind: 'product' },
    help: 'route everything to this product, or one of --config (default: by rules)',
  },
  {
    name: 'delivery',
    placeholder: 'upload|external',
    value: { kind: 'choice', choices: ['upload', 'external'] },
    help: 'who uploads to Qure: the pipeline, or another system (default: upload)',
  },
  {
    name: 'compute',
    placeholder: 'call|automatic',
    value: { kind: 'choice', choices: ['call', 'automatic'] },
    help: 'make the compute call, or Qure starts automatically (default: call)',
  },
  {
    name: 'phi',
    placeholder: 'hide|show',
    value: { kind: 'choice', choices: PHI },
    help: 'show: keep names of patients encrypted, for who asks for them (default: hide)',
  },
  DATA_DIR_ROW,
  {
    name: 'port',
    placeholder: 'N',
    value: { kind: 'port' },
    help: 'port of the console and the API; 0: any free one (default: 4800)',
  },
  {
    name: 's3-port',
    placeholder: 'N',
    value: { kind: 'port' },
    help: 'port of the S3 endpoint; 0: any free one (default: 4566)',
  },
  CONFIG_ROW,
  { name: 'version', value: { kind: 'flag' }, help: 'show the version and exit' },
];

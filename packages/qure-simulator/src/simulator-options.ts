import type { FaultRule } from './fault-rules.ts';

/** The points on which Qure's pages disagree, or deployments differ. */
export interface Dialect {
  /** How a repeated compute call is answered. @default 304 */
  repeatedCompute: 304 | 200;
  /** @default 'success' */
  successSpelling: 'success' | 'sucess';
  /** The body of 202. @default 'message' */
  processingBody: 'message' | 'reason';
  /** The body of 400 for a scan that no product takes. @default 'text' */
  unsupportedBody: 'text' | 'json';
  /** The body of 403. @default 'json' */
  deniedBody: 'json' | 'text';
  /** `Critical` or `critical`. @default 'lower' */
  triageCase: 'lower' | 'title';
  /** `result.report` of an X-ray: the newer object, one string, or the older list beside `result`. @default 'object' */
  xrayReport: 'object' | 'string' | 'beside';
  /** `unknown`: keys of findings that no page of Qure documents. @default 'known' */
  findingKeys: 'known' | 'unknown';
  /** `absent`: only a score and the report show the finding. @default 'present' */
  decisions: 'present' | 'absent';
  /** `text`: scores are written as texts. @default 'number' */
  scores: 'number' | 'text';
  /** The place of qCT's findings: in its answer, or only in its JSON asset, as a list or as maps. @default 'result' */
  ctFindings: 'result' | 'asset_list' | 'asset_maps';
  /** Answer `POST /studies` with a 301 to `/studies/`, as some servers do. @default false */
  redirectsMissingSlash: boolean;
}

export interface QureSimulatorOptions {
  /** The required value of `Authorization: Token <token>`. */
  token: string;
  /** The required value of `Source`. */
  source: string;
  /** @default 0, any free port */
  port?: number;
  /** The port of the other origin, with the assets. @default 0, any free port */
  assetPort?: number;
  /** The origin in the URLs of `result.files`, where a proxy is in front of the assets. @default that of the asset server */
  assetOrigin?: string;
  /** The base path of the API, for example `/qure/api`. @default '' */
  basePath?: string;
  /** Time from the compute call (X-rays: from the upload) to the result. @default 2000 */
  computeDelayMs?: number;
  /** How long at first results answer 400 "Validity not determined yet!". @default a tenth of computeDelayMs */
  validityDelayMs?: number;
  /** How long a URL of `result.files` is valid. @default 60000 */
  assetLifetimeMs?: number;
  /** CT is computed without the compute call, as Qure can configure. @default false */
  automaticCompute?: boolean;
  dialect?: Partial<Dialect>;
  /** `qure_model_version` of every result. @default 'simulator' */
  modelVersion?: string;
  faults?: readonly FaultRule[];
  /** The seed of faults with a probability. @default 1 */
  seed?: number;
  /** Keep UIDs, outcomes and hashes in this file, so they survive a restart. @default in memory only */
  statePath?: string;
  /** Calls kept in the journal. @default 20000 */
  journalLimit?: number;
  /** @default Date.now */
  nowMs?: () => number;
}

export const DEFAULT_DIALECT: Dialect = {
  repeatedCompute: 304,
  successSpelling: 'success',
  processingBody: 'message',
  unsupportedBody: 'text',
  deniedBody: 'json',
  triageCase: 'lower',
  xrayReport: 'object',
  findingKeys: 'known',
  decisions: 'present',
  scores: 'number',
  ctFindings: 'result',
  redirectsMissingSlash: false,
};

import type { FaultPlan } from './fault-plan.ts';
import type { Journal } from './journal.ts';
import type { UrlSigner } from './presigned-url.ts';
import type { SimulatedState } from './simulated-state.ts';
import type { Dialect } from './simulator-options.ts';

/** The common state of the two servers of one simulator. */
export interface SimulatorContext {
  /** Changeable at run time. */
  credentials: { token: string; source: string };
  basePath: string;
  dialect: Dialect;
  /** Changeable at run time. */
  modelVersion: string;
  assetLifetimeMs: number;
  /** Known once the asset server listens. */
  assetOrigin: string;
  state: SimulatedState;
  faults: FaultPlan;
  journal: Journal;
  signer: UrlSigner;
  nowMs: () => number;
}

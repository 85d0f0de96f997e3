import type { QureNetwork } from './network.ts';

/** What Qure issues per customer and environment. Never logged, never stored outside the secret. */
export interface QureCredentials {
  baseUrl: string;
  token: string;
  source: string;
  /** Absent: Qure is on the open internet. */
  network?: QureNetwork;
}

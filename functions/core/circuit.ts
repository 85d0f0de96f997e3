import { createHash } from 'node:crypto';
import type { FailureReason } from './series-facts.ts';
import type { QureCredentials } from './source.ts';
import { addSeconds, type Instant } from './time.ts';

/** Reasons that stop a whole source: every later call would be refused alike. */
export type CircuitReason = Extract<FailureReason, 'auth_rejected' | 'source_denied' | 'license_expired'>;
export const CIRCUIT_REASONS: readonly FailureReason[] = [
  'auth_rejected',
  'source_denied',
  'license_expired',
];

/**
 * A source whose credentials Qure refused. While it is open no call is made for the source; its series end in
 * `FAILED` at once. It closes when the secret changes, or when a probe that is let through every
 * `PROBE_SECONDS` succeeds; the sweep then retries what failed for it.
 */
export interface Circuit {
  source: string;
  reason: CircuitReason;
  openedAt: Instant;
  /** Of the credentials that were refused. */
  credentialsFingerprint: string;
  /** When a series was last let through to try. */
  probedAt?: Instant;
  /** The one series that may call Qure although the circuit is open. */
  probeSeriesInstanceUid?: string;
  /** Calls go through again since then, and the sweep is retrying what had failed before. */
  recoveringAt?: Instant;
}

export const PROBE_SECONDS = 120;

/** Tells whether a secret has changed without keeping it. */
export function credentialsFingerprintOf(credentials: QureCredentials): string {
  const material = JSON.stringify([credentials.baseUrl, credentials.source, credentials.token]);
  return createHash('sha256').update(material).digest('hex').slice(0, 16);
}

/** Whether a call for this series must not be made. */
export function isBlocked(
  circuit: Circuit | undefined,
  credentialsFingerprint: string,
  seriesInstanceUid: string,
): boolean {
  if (circuit === undefined || circuit.recoveringAt !== undefined) return false;
  if (circuit.credentialsFingerprint !== credentialsFingerprint) return false;
  return circuit.probeSeriesInstanceUid !== seriesInstanceUid;
}

/** `recover`: the secret has changed, let everything go on. `probe`: let one series try. */
export type CircuitStep = 'stay' | 'recover' | 'probe';

export function nextCircuitStep(
  circuit: Circuit,
  credentialsFingerprint: string | undefined,
  now: Instant,
): CircuitStep {
  if (circuit.recoveringAt !== undefined) return 'recover';
  if (credentialsFingerprint !== undefined && credentialsFingerprint !== circuit.credentialsFingerprint) {
    return 'recover';
  }
  return now >= addSeconds(circuit.probedAt ?? circuit.openedAt, PROBE_SECONDS) ? 'probe' : 'stay';
}

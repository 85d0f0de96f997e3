import { createHash } from 'node:crypto';
import type { QureCredentials } from '../qure/credentials.ts';
import type { StopReason } from '../series/series-facts.ts';
import { addSeconds, type Instant } from '../shared/time.ts';
import type { SourceState, Stop } from './source-state.ts';

export const PROBE_SECONDS = 120;
/** Longer than a run of the compute stage (900 s): there is one probe at a time. */
const PROBE_LEASE_SECONDS = 960;

/** The fingerprint while a secret is missing. */
const NO_CREDENTIALS = 'none';

/** Shows whether a secret has changed, without storing it. */
export function credentialsFingerprintOf(credentials: QureCredentials): string {
  const material = JSON.stringify([credentials.baseUrl, credentials.source, credentials.token]);
  return createHash('sha256').update(material).digest('hex').slice(0, 16);
}

export type CircuitAnswer =
  | { kind: 'admitted'; isProbe: boolean; state: SourceState }
  | { kind: 'held_back'; reason: StopReason; state: SourceState };

/**
 * Whether Qure may be called for a series generation with these credentials. Without credentials (`undefined`) the circuit
 * opens without a call.
 */
export function checkCircuit(
  standing: SourceState,
  fingerprint: string | undefined,
  id: string,
  now: Instant,
): CircuitAnswer {
  const { stop } = standing;
  if (fingerprint === undefined) {
    const missing = { reason: 'auth_rejected', credentialsFingerprint: NO_CREDENTIALS } as const;
    return { kind: 'held_back', reason: missing.reason, state: openCircuit(standing, missing, false, now) };
  }
  if (stop === undefined) return { kind: 'admitted', isProbe: false, state: standing };
  if (stop.credentialsFingerprint !== fingerprint)
    return { kind: 'admitted', isProbe: false, state: closeCircuit(standing) };
  // A lease that ends much later than a new one would was written with a wrong clock.
  const isLeased = now < stop.nextProbeAt && stop.nextProbeAt <= addSeconds(now, 2 * PROBE_LEASE_SECONDS);
  if (isLeased && stop.probeId !== id) return { kind: 'held_back', reason: stop.reason, state: standing };
  const nextProbeAt = addSeconds(now, PROBE_LEASE_SECONDS);
  return {
    kind: 'admitted',
    isProbe: true,
    state: { ...standing, stop: { ...stop, nextProbeAt, probeId: id } },
  };
}

/** Qure has refused these credentials or their licence. Only a probe changes a circuit that is open: else the same `SourceState`. */
export function openCircuit(
  standing: SourceState,
  { reason, credentialsFingerprint }: Pick<Stop, 'reason' | 'credentialsFingerprint'>,
  isProbe: boolean,
  now: Instant,
): SourceState {
  const known = standing.stop?.credentialsFingerprint === credentialsFingerprint ? standing.stop : undefined;
  if (known !== undefined && !isProbe) return standing;
  const { since } = known ?? { since: now };
  const nextProbeAt = addSeconds(now, PROBE_SECONDS);
  return {
    ...standing,
    consecutiveForbidden: 0,
    stop: { reason, since, credentialsFingerprint, nextProbeAt },
  };
}

/** Calls are allowed, and the count of consecutive 403s restarts. The same `SourceState` if nothing changes. */
export function closeCircuit(standing: SourceState): SourceState {
  const { stop, ...state } = standing;
  return stop === undefined && state.consecutiveForbidden === 0
    ? standing
    : { ...state, consecutiveForbidden: 0 };
}

/** After this many seconds the first caller is a probe. */
export function scheduleProbe(standing: SourceState, seconds: number, now: Instant): SourceState {
  if (standing.stop === undefined) return standing;
  const { probeId: _over, ...stop } = standing.stop;
  return { ...standing, stop: { ...stop, nextProbeAt: addSeconds(now, seconds) } };
}

/** The probe has ended without an answer on the credentials. */
export function endProbe(standing: SourceState, id: string, now: Instant): SourceState {
  return standing.stop?.probeId === id ? scheduleProbe(standing, PROBE_SECONDS, now) : standing;
}

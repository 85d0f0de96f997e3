import { createHash } from 'node:crypto';
import type { StopReason } from './series-facts.ts';
import type { QureCredentials } from './source.ts';
import type { SourceState, Stop } from './source-state.ts';
import { addSeconds, type Instant } from './time.ts';

export const PROBE_SECONDS = 120;
/** Longer than a run of the compute stage (900 s): while a probe may be at work no second one is let in. */
const PROBE_LEASE_SECONDS = 960;

/** Stands for the credentials while a secret is missing. */
const NO_CREDENTIALS = 'none';

/** Tells whether a secret has changed without keeping it. */
export function credentialsFingerprintOf(credentials: QureCredentials): string {
  const material = JSON.stringify([credentials.baseUrl, credentials.source, credentials.token]);
  return createHash('sha256').update(material).digest('hex').slice(0, 16);
}

export type StopAnswer =
  | { kind: 'admitted'; isProbe: boolean; state: SourceState }
  | { kind: 'held_back'; reason: StopReason; state: SourceState };

/**
 * Whether Qure may be asked for a series generation by these credentials; `undefined`: there are none, and the source is
 * stopped without a call.
 */
export function passStop(
  standing: SourceState,
  fingerprint: string | undefined,
  id: string,
  now: Instant,
): StopAnswer {
  const { stop } = standing;
  if (fingerprint === undefined) {
    const missing = { reason: 'auth_rejected', credentialsFingerprint: NO_CREDENTIALS } as const;
    return { kind: 'held_back', reason: missing.reason, state: withStop(standing, missing, false, now) };
  }
  if (stop === undefined) return { kind: 'admitted', isProbe: false, state: standing };
  if (stop.credentialsFingerprint !== fingerprint)
    return { kind: 'admitted', isProbe: false, state: withoutStop(standing) };
  // A lease that ends later than one taken now would, by more than clocks differ, is of a clock that was wrong.
  const isLeased = now < stop.nextProbeAt && stop.nextProbeAt <= addSeconds(now, 2 * PROBE_LEASE_SECONDS);
  if (isLeased && stop.probeId !== id) return { kind: 'held_back', reason: stop.reason, state: standing };
  const nextProbeAt = addSeconds(now, PROBE_LEASE_SECONDS);
  return {
    kind: 'admitted',
    isProbe: true,
    state: { ...standing, stop: { ...stop, nextProbeAt, probeId: id } },
  };
}

/** Qure has refused these credentials, or their licence. Who is no probe changes nothing of a stop that stands: the same `SourceState`. */
export function withStop(
  standing: SourceState,
  { reason, credentialsFingerprint }: Pick<Stop, 'reason' | 'credentialsFingerprint'>,
  isProbe: boolean,
  now: Instant,
): SourceState {
  const known = standing.stop?.credentialsFingerprint === credentialsFingerprint ? standing.stop : undefined;
  if (known !== undefined && !isProbe) return standing;
  const { since } = known ?? { since: now };
  const nextProbeAt = addSeconds(now, PROBE_SECONDS);
  return { ...standing, denials: 0, stop: { reason, since, credentialsFingerprint, nextProbeAt } };
}

/** Calls go through, and the count of denials begins anew. The same `SourceState` where nothing is to be written. */
export function withoutStop(standing: SourceState): SourceState {
  const { stop, ...state } = standing;
  return stop === undefined && state.denials === 0 ? standing : { ...state, denials: 0 };
}

/** Whoever asks first is a probe, once this many seconds have gone by. */
export function withProbeIn(standing: SourceState, seconds: number, now: Instant): SourceState {
  if (standing.stop === undefined) return standing;
  const { probeId: _over, ...stop } = standing.stop;
  return { ...standing, stop: { ...stop, nextProbeAt: addSeconds(now, seconds) } };
}

/** The probe has ended, and Qure has neither refused nor taken the credentials. */
export function withoutProbe(standing: SourceState, id: string, now: Instant): SourceState {
  return standing.stop?.probeId === id ? withProbeIn(standing, PROBE_SECONDS, now) : standing;
}

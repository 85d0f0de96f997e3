import { createHash } from 'node:crypto';
import type { QureCredentials } from '../qure/credentials.ts';
import type { SeriesUnderWay } from '../series/series.ts';
import type { StopReason } from '../series/series-facts.ts';
import { currentAcceptance } from '../series/series-parts.ts';
import type { Log } from '../shared/log.ts';
import type { Clock, Instant } from '../shared/time.ts';
import type { IncompleteAccess, LoadCredentials } from '../sources/qure-credentials.ts';
import type { Source } from '../sources/source.ts';
import {
  type CircuitAnswer,
  checkCircuit,
  closeCircuit,
  credentialsFingerprintOf,
  endProbe,
  openCircuit,
} from './circuit-breaker.ts';
import type { Held } from './hold-waits.ts';
import { acquireSlot, quotaIdOf, type SlotDecision } from './quota.ts';
import type { SourceState, SourceStateStore, Stop } from './source-state.ts';

export interface AdmissionDeps {
  sourceStates: SourceStateStore;
  /** Fingerprints of credentials that Qure has accepted during the life of this process. */
  verifiedCredentials: Set<string>;
  loadCredentials: LoadCredentials;
  qure: { seriesResults(credentials: QureCredentials, seriesInstanceUid: string): Promise<{ kind: string }> };
  clock: Clock;
  log: Log;
}

/** The permission to call Qure for one series; it records the outcome of the calls. */
export interface CallPermit {
  credentials: QureCredentials;
  /** The circuit is half-open: the source is stopped, and this series tests whether Qure accepts calls again. */
  isProbe: boolean;
  /** Qure has accepted these credentials before. Until then one call at a time is made. */
  isVerified: boolean;
  /** Qure refused the credentials or the licence. Returns why the source is stopped; `undefined`: Qure denies this series only. */
  recordRejection(reason: StopReason): Promise<StopReason | undefined>;
  /** Qure accepted the credentials. */
  recordSuccess(): Promise<void>;
  /** Ends the run; after an error the leases expire instead. `release` releases what else the run holds. */
  close(release?: (standing: SourceState) => SourceState): Promise<void>;
}

export type Admission = { kind: 'admitted'; permit: CallPermit } | (Held & { detail?: string });

/** 403 is also Qure's answer for a series of another workspace: after several in a row Qure is asked about the source itself. */
const FORBIDDEN_BEFORE_CHECK = 3;

export const REFUSAL_DETAILS: Record<StopReason, string> = {
  auth_rejected:
    'Qure rejected the token (401). Put a valid token into the credentials of the source (in the cloud its secret, on one machine QURE_TOKEN or the sources file); what waits goes on then, what failed goes on by a retry.',
  source_denied:
    'Qure denied the Source or the series (403). Check the Source and the token of the source (in the cloud in its secret, on one machine QURE_SOURCE and QURE_TOKEN or the sources file), and that the scan belongs to its workspace.',
  license_expired:
    'Qure says that the licence has expired. Renew it with Qure; what waits goes on then, what failed goes on by a retry.',
};
const NO_SECRET: IncompleteAccess = {
  kind: 'incomplete',
  detail:
    'the secret of the source is not filled in; put {"baseUrl", "token", "source"} as Qure issued them into it, of which the sources document may say the first and the last',
};

/**
 * Asks whether Qure may be called for a series: by the circuit breaker of its source and, on the way to Qure, by its limits.
 * Credentials that fail stop their source, not the world. Calls that were under way at that moment are all that still go through.
 */
export async function admit(deps: AdmissionDeps, source: Source, series: SeriesUnderWay): Promise<Admission> {
  const loaded = (await deps.loadCredentials(source)) ?? NO_SECRET;
  const credentials = 'kind' in loaded ? undefined : loaded;
  const fingerprint = credentials === undefined ? undefined : credentialsFingerprintOf(credentials);
  const now = deps.clock().toISOString();
  const answer = await decide(deps, source.name, (standing) =>
    decideAdmission(standing, source, series, fingerprint, now),
  );
  if (answer.kind === 'held_back') {
    const { state: _saved, ...held } = answer;
    return 'kind' in loaded ? { ...held, detail: loaded.detail } : held;
  }
  if (credentials === undefined) throw new Error('expected no leave without credentials');
  return { kind: 'admitted', permit: permitOf(deps, source.name, series, credentials, answer) };
}

function decideAdmission(
  standing: SourceState,
  source: Source,
  series: SeriesUnderWay,
  fingerprint: string | undefined,
  now: Instant,
): CircuitAnswer | (SlotDecision & { isProbe?: boolean }) {
  const id = quotaIdOf(series);
  const gate = checkCircuit(standing, fingerprint, id, now);
  if (gate.kind === 'held_back' || series.state === 'COMPUTING') return gate;
  const request = {
    id,
    ticket: series.ticket,
    // All other series wait for the result of a probe, urgent ones too.
    isUrgent: series.priority === 'urgent' || gate.isProbe,
    takesUnit: series.state === 'COMPLETE' && currentAcceptance(series) === undefined,
    // A series that is being uploaded goes before one that has not begun.
    since: series.state === 'UPLOADING' ? series.completedAt : (series.heldBack?.since ?? now),
  };
  return { ...acquireSlot(gate.state, source, request, now), isProbe: gate.isProbe };
}

function permitOf(
  deps: AdmissionDeps,
  source: string,
  series: SeriesUnderWay,
  credentials: QureCredentials,
  { state: { consecutiveForbidden }, isProbe = false }: { state: SourceState; isProbe?: boolean },
): CallPermit {
  const { seriesInstanceUid } = series;
  const credentialsFingerprint = credentialsFingerprintOf(credentials);
  const now = () => deps.clock().toISOString();
  let hasToRecord = isProbe || consecutiveForbidden > 0;
  const stop = async (reason: StopReason) => {
    const refusal = { reason, credentialsFingerprint };
    const { state } = await decide(deps, source, (standing) => ({
      state: openCircuit(standing, refusal, isProbe, now()),
    }));
    return state.stop?.reason ?? reason;
  };
  const recordAccepted = async () => {
    deps.verifiedCredentials.add(credentialsFingerprint);
    await decide(deps, source, (standing) => ({ state: closeCircuit(standing) }));
  };
  return {
    credentials,
    isProbe,
    // Qure has refused these credentials since this process recorded a success.
    isVerified: !isProbe && deps.verifiedCredentials.has(credentialsFingerprint),
    async recordRejection(reason) {
      deps.verifiedCredentials.delete(credentialsFingerprint);
      if (reason !== 'source_denied') return stop(reason);
      const { state } = await decide(deps, source, (standing) => ({
        state:
          standing.stop === undefined
            ? { ...standing, consecutiveForbidden: standing.consecutiveForbidden + 1 }
            : standing,
      }));
      if (!isProbe && state.stop !== undefined) return state.stop.reason;
      if (!isProbe && state.consecutiveForbidden < FORBIDDEN_BEFORE_CHECK) return undefined;
      const { kind } = await deps.qure.seriesResults(credentials, unknownUid(seriesInstanceUid));
      if (kind === 'source_denied' || kind === 'auth_rejected') return stop(kind);
      // Without a useful answer the next 403 asks again.
      if (!ACCEPTED_CLIENT.includes(kind)) return state.stop?.reason;
      deps.log('warn', 'Qure denies a series, and not its source', { source, seriesInstanceUid });
      await recordAccepted();
      return undefined;
    },
    async recordSuccess() {
      deps.verifiedCredentials.add(credentialsFingerprint);
      if (!hasToRecord) return;
      hasToRecord = false;
      await recordAccepted();
    },
    async close(release) {
      if (!isProbe && release === undefined) return;
      await decide(deps, source, (standing) => ({
        state: endProbe(release?.(standing) ?? standing, quotaIdOf(series), now()),
      }));
    },
  };
}

/** Qure's answers for an unknown series to a client that it accepts. */
const ACCEPTED_CLIENT = ['not_uploaded', 'not_computed', 'processing', 'unsupported'];

/**
 * A valid UID (a UUID in decimals, PS3.5 B.2) of no existing series. It is in no other workspace, so a 403 for it can only
 * concern the source.
 */
function unknownUid(seed: string): string {
  const hex = createHash('sha256').update(`nobody ${seed}`).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${hex}`)}`;
}

/** Decides on the row of a source, and logs if the decision stops or resumes its calls. */
async function decide<D extends { state: SourceState }>(
  deps: Pick<AdmissionDeps, 'sourceStates' | 'log'>,
  source: string,
  decision: (standing: SourceState) => D,
): Promise<D> {
  let before: Stop | undefined;
  const decided = await deps.sourceStates.decide(source, (standing) => {
    before = standing.stop;
    return decision(standing);
  });
  const { stop } = decided.state;
  if (stop !== undefined && stop.credentialsFingerprint !== before?.credentialsFingerprint)
    deps.log('error', 'calls for the source are stopped', { source, reason: stop.reason });
  if (stop === undefined && before !== undefined) deps.log('info', 'source goes on', { source });
  return decided;
}

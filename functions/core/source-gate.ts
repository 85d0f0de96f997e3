import { createHash } from 'node:crypto';
import {
  credentialsFingerprintOf,
  passStop,
  type StopAnswer,
  withoutProbe,
  withoutStop,
  withStop,
} from './circuit.ts';
import type { Held } from './hold-waits.ts';
import type { LoadCredentials, Log, SourceStateStore } from './ports.ts';
import { type Answer, askForRoom, quotaIdOf } from './quota.ts';
import type { SeriesUnderWay } from './series.ts';
import type { StopReason } from './series-facts.ts';
import { standingAcceptance } from './series-parts.ts';
import type { QureCredentials, Source } from './source.ts';
import type { SourceState, Stop } from './source-state.ts';
import type { Clock, Instant } from './time.ts';

export interface GateDeps {
  sourceStates: SourceStateStore;
  /** Fingerprints of credentials that Qure has taken during the life of this process. */
  proven: Set<string>;
  loadCredentials: LoadCredentials;
  qure: { seriesResults(credentials: QureCredentials, seriesInstanceUid: string): Promise<{ kind: string }> };
  clock: Clock;
  log: Log;
}

/** Leave to call Qure for one series, and what came of it. */
export interface Pass {
  credentials: QureCredentials;
  /** The source is stopped, and this series finds out whether calls go through again. */
  isProbe: boolean;
  /** Qure has taken these credentials before. While it is false one call at a time is enough to find out. */
  isProven: boolean;
  /** Qure refused the credentials or the licence. Answers why the source is stopped; `undefined`: it denies this series alone. */
  refused(reason: StopReason): Promise<StopReason | undefined>;
  /** Qure answered as to one that it knows. */
  welcomed(): Promise<void>;
  /** At the end of a run; not after an error, which its leases bear. `release` gives back what else the run holds. */
  leave(release?: (standing: SourceState) => SourceState): Promise<void>;
}

export type Admission = { kind: 'admitted'; pass: Pass } | (Held & { detail?: string });

/** 403 is also Qure's answer for a series of another workspace: after several in a row Qure is asked about the source itself. */
const DENIALS_TO_ASK = 3;

export const REFUSAL_DETAILS: Record<StopReason, string> = {
  auth_rejected:
    "Qure rejected the token (401). Put a valid token into the source's secret; what waits goes on then, what failed goes on by a retry.",
  source_denied:
    "Qure denied the Source or the series (403). Check the source's secret, and that the scan belongs to its workspace.",
  license_expired:
    'Qure says that the licence has expired. Renew it with Qure; what waits goes on then, what failed goes on by a retry.',
};
const NO_SECRET =
  'the secret of the source is not filled in; put {"baseUrl", "token", "source"} as Qure issued them into it, of which the sources document may say the first and the last';

/**
 * Asks whether Qure may be called for a series: by the circuit breaker of its source and, on the way to Qure, by its limits.
 * Credentials that fail stop their source, not the world. Calls that were under way at that moment are all that still go through.
 */
export async function admit(deps: GateDeps, source: Source, series: SeriesUnderWay): Promise<Admission> {
  const credentials = await deps.loadCredentials(source);
  const fingerprint = credentials === undefined ? undefined : credentialsFingerprintOf(credentials);
  const now = deps.clock().toISOString();
  const answer = await decide(deps, source.name, (standing) =>
    askFor(standing, source, series, fingerprint, now),
  );
  if (answer.kind === 'held_back') {
    const { state: _saved, ...held } = answer;
    return credentials === undefined ? { ...held, detail: NO_SECRET } : held;
  }
  if (credentials === undefined) throw new Error('expected no leave without credentials');
  return { kind: 'admitted', pass: passOf(deps, source.name, series, credentials, answer) };
}

function askFor(
  standing: SourceState,
  source: Source,
  series: SeriesUnderWay,
  fingerprint: string | undefined,
  now: Instant,
): StopAnswer | (Answer & { isProbe?: boolean }) {
  const id = quotaIdOf(series);
  const gate = passStop(standing, fingerprint, id, now);
  if (gate.kind === 'held_back' || series.state === 'COMPUTING') return gate;
  const request = {
    id,
    ticket: series.ticket,
    // All others wait for what a probe finds out, urgent ones too.
    isUrgent: series.priority === 'urgent' || gate.isProbe,
    takesUnit: series.state === 'COMPLETE' && standingAcceptance(series) === undefined,
    // What is under way already goes before what has yet to begin.
    since: series.state === 'UPLOADING' ? series.completedAt : (series.heldBack?.since ?? now),
  };
  return { ...askForRoom(gate.state, source, request, now), isProbe: gate.isProbe };
}

function passOf(
  deps: GateDeps,
  source: string,
  series: SeriesUnderWay,
  credentials: QureCredentials,
  { state: { denials }, isProbe = false }: { state: SourceState; isProbe?: boolean },
): Pass {
  const { seriesInstanceUid } = series;
  const credentialsFingerprint = credentialsFingerprintOf(credentials);
  const now = () => deps.clock().toISOString();
  let isToTell = isProbe || denials > 0;
  const stop = async (reason: StopReason) => {
    const refusal = { reason, credentialsFingerprint };
    const { state } = await decide(deps, source, (standing) => ({
      state: withStop(standing, refusal, isProbe, now()),
    }));
    return state.stop?.reason ?? reason;
  };
  const goOn = async () => {
    deps.proven.add(credentialsFingerprint);
    await decide(deps, source, (standing) => ({ state: withoutStop(standing) }));
  };
  return {
    credentials,
    isProbe,
    // A probe knows that Qure has refused since: other processes may still remember better days.
    isProven: !isProbe && deps.proven.has(credentialsFingerprint),
    async refused(reason) {
      deps.proven.delete(credentialsFingerprint);
      if (reason !== 'source_denied') return stop(reason);
      const { state } = await decide(deps, source, (standing) => ({
        state: standing.stop === undefined ? { ...standing, denials: standing.denials + 1 } : standing,
      }));
      if (!isProbe && state.stop !== undefined) return state.stop.reason;
      if (!isProbe && state.denials < DENIALS_TO_ASK) return undefined;
      const { kind } = await deps.qure.seriesResults(credentials, uidOfNobody(seriesInstanceUid));
      if (kind === 'source_denied' || kind === 'auth_rejected') return stop(kind);
      // Without a useful answer nothing is known: the next denial asks again.
      if (!KNOWN.includes(kind)) return state.stop?.reason;
      deps.log('warn', 'Qure denies a series, and not its source', { source, seriesInstanceUid });
      await goOn();
      return undefined;
    },
    async welcomed() {
      deps.proven.add(credentialsFingerprint);
      if (!isToTell) return;
      isToTell = false;
      await goOn();
    },
    async leave(release) {
      if (!isProbe && release === undefined) return;
      await decide(deps, source, (standing) => ({
        state: withoutProbe(release?.(standing) ?? standing, quotaIdOf(series), now()),
      }));
    },
  };
}

/** What Qure says of a series that it does not have to those whom it knows. */
const KNOWN = ['not_uploaded', 'not_computed', 'processing', 'unsupported'];

/**
 * A valid UID (a UUID in decimals, PS3.5 B.2) that no scanner has made. A series that belongs to nobody is in no other
 * workspace: a denial of it can only be one of the source.
 */
function uidOfNobody(seed: string): string {
  const hex = createHash('sha256').update(`nobody ${seed}`).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${hex}`)}`;
}

/** Decides on the row of a source, and logs where its calls are stopped or go on by that. */
async function decide<D extends { state: SourceState }>(
  deps: Pick<GateDeps, 'sourceStates' | 'log'>,
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

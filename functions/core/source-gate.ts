import { createHash } from 'node:crypto';
import { type Circuit, type CircuitReason, credentialsFingerprintOf, isBlocked } from './circuit.ts';
import type { CircuitStore, LoadCredentials, Log } from './ports.ts';
import type { QureCredentials, Source } from './source.ts';
import type { Clock } from './time.ts';

export interface GateDeps {
  circuits: CircuitStore;
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
  /** Qure has taken these credentials before. While it is false one call at a time is enough to find out. */
  isProven: boolean;
  /** Qure refused the credentials or the licence: stops the source where it concerns all of it. */
  refused(reason: CircuitReason): Promise<void>;
  /** Qure answered as to one that it knows. */
  welcomed(): Promise<void>;
}

export type Admission =
  /** `isProbe`: calls for the source are stopped, and this series is the one that finds out whether they can go on. */
  | { kind: 'admitted'; pass: Pass; isProbe: boolean }
  | { kind: 'blocked'; reason: CircuitReason; detail: string };

/** Every later call would be refused alike (401, licence), so the first one is enough. */
const DENIALS_TO_OPEN: Record<CircuitReason, number> = {
  auth_rejected: 1,
  license_expired: 1,
  // 403 is also Qure's answer for a series of another workspace: after several in a row Qure is asked about the source itself.
  source_denied: 3,
};

/** While a secret is missing, its place in the circuit. */
const NO_CREDENTIALS = 'none';

export const REFUSAL_DETAILS: Record<CircuitReason, string> = {
  auth_rejected:
    "Qure rejected the token (401). Put a valid token into the source's secret; what failed is retried then.",
  source_denied:
    "Qure denied the Source or the series (403). Check the source's secret, and that the scan belongs to its workspace.",
  license_expired: 'Qure says that the licence has expired. Renew it with Qure; what failed is retried then.',
};

/**
 * Asks whether Qure may be called for a series. Credentials that fail stop their source, not the world: after the
 * first refusal (or several 403 in a row, where Qure also denies what belongs to nobody) no call goes out for the source
 * until its secret changes or a probe succeeds. Calls that were under way at that moment are all that still go through.
 */
export async function admit(
  deps: GateDeps,
  calledFor: Pick<Source, 'name' | 'qure'>,
  seriesInstanceUid: string,
): Promise<Admission> {
  const { name: source } = calledFor;
  const [credentials, { circuit, denials }] = await Promise.all([
    deps.loadCredentials(calledFor),
    deps.circuits.load(source),
  ]);
  if (credentials === undefined) {
    if (circuit?.credentialsFingerprint !== NO_CREDENTIALS)
      await open(deps, source, 'auth_rejected', NO_CREDENTIALS);
    return {
      kind: 'blocked',
      reason: 'auth_rejected',
      detail:
        'the secret of the source is not filled in; put {"baseUrl", "token", "source"} as Qure issued them into it, of which the sources document may say the first and the last',
    };
  }
  const fingerprint = credentialsFingerprintOf(credentials);
  if (circuit !== undefined && isBlocked(circuit, fingerprint, seriesInstanceUid)) {
    return { kind: 'blocked', reason: circuit.reason, detail: REFUSAL_DETAILS[circuit.reason] };
  }
  const isProbe = circuit?.probeSeriesInstanceUid === seriesInstanceUid;
  const welcomed = async () => {
    deps.proven.add(fingerprint);
    if (denials > 0) await deps.circuits.resetDenials(source);
    // The sweep takes the circuit away after it has retried what failed for it.
    if (circuit !== undefined && isProbe && circuit.recoveringAt === undefined) {
      await deps.circuits.amend({ ...circuit, recoveringAt: deps.clock().toISOString() });
    }
  };
  return {
    kind: 'admitted',
    isProbe,
    pass: {
      credentials,
      // A circuit tells that Qure has refused since: other processes may still remember better days.
      isProven: circuit === undefined && deps.proven.has(fingerprint),
      async refused(reason) {
        deps.proven.delete(fingerprint);
        const count = reason === 'source_denied' ? await deps.circuits.countDenial(source) : 1;
        if (count < DENIALS_TO_OPEN[reason] && !isProbe) return;
        if (reason !== 'source_denied') return open(deps, source, reason, fingerprint);
        const { kind } = await deps.qure.seriesResults(credentials, uidOfNobody(seriesInstanceUid));
        if (kind === 'source_denied' || kind === 'auth_rejected')
          return open(deps, source, kind, fingerprint);
        // Without a useful answer nothing is known: the next denial asks again.
        if (!KNOWN.includes(kind)) return;
        deps.log('warn', 'Qure denies a series, and not its source', { source, seriesInstanceUid });
        await deps.circuits.resetDenials(source);
        await welcomed();
      },
      welcomed,
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

async function open(deps: GateDeps, source: string, reason: CircuitReason, credentialsFingerprint: string) {
  const circuit: Circuit = {
    source,
    reason,
    openedAt: deps.clock().toISOString(),
    credentialsFingerprint,
  };
  await deps.circuits.put(circuit);
  deps.log('error', 'calls for the source are stopped', { source, reason });
}

import { beforeEach, describe, expect, it } from 'vitest';
import { type Admission, type AdmissionDeps, admit } from '../../../functions/admission/admission.ts';
import { credentialsFingerprintOf, PROBE_SECONDS } from '../../../functions/admission/circuit-breaker.ts';
import { NEW_SOURCE_STATE, type SourceState, type Stop } from '../../../functions/admission/source-state.ts';
import type { QureCredentials } from '../../../functions/qure/credentials.ts';
import type { LogFields } from '../../../functions/shared/log.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import type { IncompleteAccess } from '../../../functions/sources/qure-credentials.ts';
import { computingRow } from '../../support/series-rows.ts';
import { sourceNamed } from '../../support/world/world.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const GOOD: QureCredentials = { baseUrl: 'https://qure.example', token: 'secret-token', source: 'w' };

/** The row of one source in memory. */
let state: SourceState;
let reads = 0;
let credentials: QureCredentials | IncompleteAccess | undefined;
/** What Qure says of a series that belongs to nobody. */
let ofNobody = 'source_denied';
let asked: string[] = [];
let lines: { message: string; fields: LogFields | undefined }[] = [];
const deps: AdmissionDeps = {
  sourceStates: {
    async decide(_source, decision) {
      reads += 1;
      const decided = decision(state);
      if (decided.state !== state) state = { ...decided.state, version: state.version + 1 };
      return decided;
    },
  },
  verifiedCredentials: new Set(),
  loadCredentials: async () => credentials,
  qure: {
    seriesResults: async (_credentials, uid) => {
      asked.push(uid);
      return { kind: ofNobody };
    },
  },
  clock: () => new Date(NOW),
  log: (_level, message, fields) => {
    lines.push({ message, fields });
  },
};
beforeEach(() => {
  state = NEW_SOURCE_STATE;
  reads = 0;
  credentials = GOOD;
  lines = [];
  ofNobody = 'source_denied';
  asked = [];
  deps.verifiedCredentials.clear();
});

const enter = (seriesInstanceUid = '1.2') =>
  admit(deps, sourceNamed('siteA'), computingRow({ source: 'siteA', seriesInstanceUid }));
function permitOf(admission: Admission) {
  if (admission.kind !== 'admitted') throw new Error(`expected a permit, got ${admission.reason}`);
  return admission.permit;
}
const stop = (more: Partial<Stop> = {}): Stop => ({
  reason: 'auth_rejected',
  since: NOW,
  credentialsFingerprint: credentialsFingerprintOf(GOOD),
  nextProbeAt: addSeconds(NOW, PROBE_SECONDS),
  ...more,
});
/** The source is stopped, and whoever comes next is the probe. */
const probeIsDue = (more: Partial<Stop> = {}) => {
  state = { ...NEW_SOURCE_STATE, version: 1, stop: stop({ nextProbeAt: NOW, ...more }) };
};

describe('admit', () => {
  it('admits a source without a stop, for one read', async () => {
    expect(permitOf(await enter()).credentials).toBe(GOOD);
    expect([reads, state]).toEqual([1, NEW_SOURCE_STATE]);
  });

  it('REQ-SRC-1: admits no series while the source is stopped, and every series with another secret', async () => {
    state = { ...NEW_SOURCE_STATE, version: 1, stop: stop() };
    expect(await enter()).toEqual({ kind: 'held_back', reason: 'auth_rejected' });
    credentials = { ...GOOD, token: 'another-token' };
    expect((await enter()).kind).toBe('admitted');
    expect(state).not.toHaveProperty('stop');
    expect(lines).toEqual([{ message: 'source goes on', fields: { source: 'siteA' } }]);
  });

  it('stops a source whose network is incomplete, with the reason, and resumes it once it is complete', async () => {
    credentials = { kind: 'incomplete', detail: 'put certificates into the secret' };
    expect(await enter()).toMatchObject({
      reason: 'auth_rejected',
      detail: 'put certificates into the secret',
    });
    credentials = GOOD;
    expect((await enter()).kind).toBe('admitted');
  });

  it('stops a source without credentials, and logs it once', async () => {
    credentials = undefined;
    expect(await enter()).toMatchObject({ kind: 'held_back', reason: 'auth_rejected' });
    expect(await enter('1.3')).toMatchObject({ detail: expect.stringContaining('not filled in') });
    expect(lines).toHaveLength(1);
    credentials = GOOD;
    expect((await enter()).kind).toBe('admitted');
  });
});

describe('a refusal', () => {
  it.each(['auth_rejected', 'license_expired'] as const)('%s stops the source at once', async (reason) => {
    expect(await permitOf(await enter()).recordRejection(reason)).toBe(reason);
    expect(state.stop).toEqual(stop({ reason }));
    expect(await enter('1.3')).toMatchObject({ kind: 'held_back', reason });
  });

  it('403 stops the source only when it comes three times in a row', async () => {
    for (const [count, expected] of [
      [1, undefined],
      [2, undefined],
      [3, 'source_denied'],
    ] as const)
      expect(await permitOf(await enter(`1.${count}`)).recordRejection('source_denied')).toBe(expected);
    expect(state.stop?.reason).toBe('source_denied');
  });

  it.each(['not_uploaded', 'not_computed', 'unsupported'])(
    'REQ-VOICE-2: 403 of three series does not stop a source that Qure knows: a series of nobody is %s',
    async (kind) => {
      ofNobody = kind;
      for (const uid of ['1.2', '1.3', '1.4'])
        expect(await permitOf(await enter(uid)).recordRejection('source_denied')).toBeUndefined();
      expect(state).toEqual({ ...NEW_SOURCE_STATE, version: state.version });
      expect(asked).toEqual([expect.stringMatching(/^2\.25\.[1-9][0-9]{30,38}$/)]);
    },
  );

  it('does not stop a source by 403 while Qure gives no useful answer, and checks again at the next', async () => {
    ofNobody = 'transient';
    for (const uid of ['1.2', '1.3', '1.4'])
      await permitOf(await enter(uid)).recordRejection('source_denied');
    expect(state).not.toHaveProperty('stop');
    ofNobody = 'auth_rejected';
    expect(await permitOf(await enter('1.5')).recordRejection('source_denied')).toBe('auth_rejected');
  });

  it('resets the count of 403 after a success', async () => {
    for (const uid of ['1.2', '1.3']) await permitOf(await enter(uid)).recordRejection('source_denied');
    const permit = permitOf(await enter());
    await permit.recordSuccess();
    expect(state.consecutiveForbidden).toBe(0);
    // A welcome that changes nothing asks for nothing.
    const before = reads;
    await permit.recordSuccess();
    expect(reads).toBe(before);
  });

  it('of a call under way does not change the stop, and its series waits', async () => {
    const permit = permitOf(await enter());
    await permitOf(await enter('1.3')).recordRejection('license_expired');
    const { stop: stood } = state;
    for (const reason of ['auth_rejected', 'source_denied'] as const)
      expect(await permit.recordRejection(reason)).toBe('license_expired');
    expect([state.stop, asked]).toEqual([stood, []]);
  });

  it('is logged without the token', async () => {
    await permitOf(await enter()).recordRejection('auth_rejected');
    expect(JSON.stringify([lines, state, await enter()])).not.toContain('secret-token');
    const fields = { source: 'siteA', reason: 'auth_rejected' };
    expect(lines).toEqual([{ message: 'calls for the source are stopped', fields }]);
  });
});

describe('the probe', () => {
  it('is one series at a time', async () => {
    probeIsDue();
    permitOf(await enter());
    expect(await enter('1.3')).toMatchObject({ kind: 'held_back' });
    // Its message may come once more, or its run may have died.
    permitOf(await enter());
  });

  it('resumes all series when Qure has answered it', async () => {
    probeIsDue({ reason: 'license_expired' });
    await permitOf(await enter()).recordSuccess();
    expect(state).not.toHaveProperty('stop');
    permitOf(await enter('1.3'));
  });

  it('that is refused is followed by the next one after two minutes', async () => {
    probeIsDue({ since: addSeconds(NOW, -600) });
    expect(await permitOf(await enter()).recordRejection('auth_rejected')).toBe('auth_rejected');
    expect(state.stop).toEqual(stop({ since: addSeconds(NOW, -600) }));
    expect(lines).toEqual([]);
  });

  it.each([
    { ofNobodyKind: 'source_denied', answer: 'source_denied', isStopped: true },
    { ofNobodyKind: 'transient', answer: 'auth_rejected', isStopped: true },
    { ofNobodyKind: 'not_uploaded', answer: undefined, isStopped: false },
  ])(
    'that gets 403 checks whether it concerns the source: $ofNobodyKind',
    async ({ ofNobodyKind, answer, isStopped }) => {
      probeIsDue();
      ofNobody = ofNobodyKind;
      expect(await permitOf(await enter()).recordRejection('source_denied')).toBe(answer);
      expect(state.stop !== undefined).toBe(isStopped);
    },
  );

  it('that ends without an answer is followed by the next one after two minutes', async () => {
    probeIsDue();
    await permitOf(await enter()).close();
    expect(state.stop).toEqual(stop());
  });

  it('makes one call at a time although the credentials were accepted before', async () => {
    deps.verifiedCredentials.add(credentialsFingerprintOf(GOOD));
    probeIsDue();
    expect(permitOf(await enter()).isVerified).toBe(false);
  });
});

it('credentials are proven from the first welcome to the next refusal, and others are not', async () => {
  const first = permitOf(await enter());
  expect(first.isVerified).toBe(false);
  await first.recordSuccess();
  expect(permitOf(await enter('1.3')).isVerified).toBe(true);
  credentials = { ...GOOD, token: 'another-token' };
  expect(permitOf(await enter()).isVerified).toBe(false);
  credentials = GOOD;
  await permitOf(await enter()).recordRejection('source_denied');
  expect(permitOf(await enter()).isVerified).toBe(false);
});

it('writes nothing at the end of a run that holds nothing', async () => {
  const permit = permitOf(await enter());
  await permit.close();
  expect(reads).toBe(1);
});

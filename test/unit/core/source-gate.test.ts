import { beforeEach, describe, expect, it } from 'vitest';
import { type Circuit, credentialsFingerprintOf } from '../../../functions/core/circuit.ts';
import type { LogFields } from '../../../functions/core/ports.ts';
import type { QureCredentials } from '../../../functions/core/source.ts';
import { type Admission, admit, type GateDeps } from '../../../functions/core/source-gate.ts';

const OPENED = '2026-03-01T10:00:00.000Z';
const GOOD: QureCredentials = { baseUrl: 'https://qure.example', token: 'secret-token', source: 'w' };

/** One source's circuit and denials in memory; what is not expected to be called throws. */
let circuit: Circuit | undefined;
let denials = 0;
let credentials: QureCredentials | undefined;
/** What Qure says of a series that belongs to nobody. */
let ofNobody = 'source_denied';
let asked: string[] = [];
let lines: (LogFields | undefined)[] = [];
const unexpected = () => Promise.reject(new Error('not expected here'));
const deps: GateDeps = {
  circuits: {
    load: async () => (circuit === undefined ? { denials } : { circuit, denials }),
    put: async (next) => {
      circuit = next;
    },
    amend: async (next) => {
      if (circuit?.openedAt === next.openedAt) circuit = next;
    },
    removeRecovered: unexpected,
    countDenial: async () => {
      denials += 1;
      return denials;
    },
    resetDenials: async () => {
      denials = 0;
    },
  },
  proven: new Set(),
  loadCredentials: async () => credentials,
  qure: {
    seriesResults: async (_credentials, uid) => {
      asked.push(uid);
      return { kind: ofNobody };
    },
  },
  clock: () => new Date(OPENED),
  log: (_level, _message, fields) => {
    lines.push(fields);
  },
};
beforeEach(() => {
  circuit = undefined;
  denials = 0;
  credentials = GOOD;
  lines = [];
  ofNobody = 'source_denied';
  asked = [];
  deps.proven.clear();
});

const enter = (uid = '1.2') => admit(deps, { name: 'siteA' }, uid);
function passOf(admission: Admission) {
  if (admission.kind !== 'admitted') throw new Error(`expected a pass, got ${admission.reason}`);
  return admission.pass;
}
const open = (overrides: Partial<Circuit> = {}): Circuit => ({
  source: 'siteA',
  reason: 'auth_rejected',
  openedAt: OPENED,
  credentialsFingerprint: credentialsFingerprintOf(GOOD),
  ...overrides,
});

describe('admit', () => {
  it('gives the credentials to a source that nothing is known against', async () => {
    expect(passOf(await enter()).credentials).toBe(GOOD);
    expect(circuit).toBeUndefined();
  });

  it.each<[string, Circuit, 'admitted' | 'blocked']>([
    ['open', open(), 'blocked'],
    ['open for the secret before', open({ credentialsFingerprint: 'older' }), 'admitted'],
    ['recovering', open({ recoveringAt: '2026-03-01T00:00:00.000Z' }), 'admitted'],
    ['open, and this series is the probe', open({ probeSeriesInstanceUid: '1.2' }), 'admitted'],
    ['open, and another series is the probe', open({ probeSeriesInstanceUid: '1.3' }), 'blocked'],
  ])('circuit %s', async (_name, held, expected) => {
    circuit = held;
    expect((await enter()).kind).toBe(expected);
    expect(circuit).toEqual(held);
  });

  it('blocks a source without credentials, and writes that down once', async () => {
    credentials = undefined;
    expect(await enter()).toMatchObject({ kind: 'blocked', reason: 'auth_rejected' });
    expect(await enter('1.3')).toMatchObject({
      kind: 'blocked',
      detail: expect.stringContaining('not filled in'),
    });
    expect(lines).toHaveLength(1);
    credentials = GOOD;
    expect((await enter()).kind).toBe('admitted');
  });
});

describe('a refusal', () => {
  it.each(['auth_rejected', 'license_expired'] as const)('%s stops the source at once', async (reason) => {
    await passOf(await enter()).refused(reason);
    expect(circuit).toEqual(open({ reason }));
    expect(await enter('1.3')).toMatchObject({ kind: 'blocked', reason });
  });

  it('403 stops the source only when it comes three times in a row', async () => {
    for (const [count, isOpen] of [
      [1, false],
      [2, false],
      [3, true],
    ] as const) {
      await passOf(await enter(`1.${count}`)).refused('source_denied');
      expect(circuit !== undefined).toBe(isOpen);
    }
    expect(circuit).toMatchObject({ reason: 'source_denied' });
  });

  it.each(['not_uploaded', 'not_computed', 'unsupported'])(
    'REQ-VOICE-2: 403 of three series does not stop a source that Qure knows: a series of nobody is %s',
    async (kind) => {
      ofNobody = kind;
      for (const uid of ['1.2', '1.3', '1.4']) await passOf(await enter(uid)).refused('source_denied');
      expect(circuit).toBeUndefined();
      expect(denials).toBe(0);
      expect(asked).toEqual([expect.stringMatching(/^2\.25\.[1-9][0-9]{30,38}$/)]);
    },
  );

  it('403 does not stop a source while nobody can be asked, and is asked again with the next', async () => {
    ofNobody = 'transient';
    for (const uid of ['1.2', '1.3', '1.4']) await passOf(await enter(uid)).refused('source_denied');
    expect(circuit).toBeUndefined();
    ofNobody = 'auth_rejected';
    await passOf(await enter('1.5')).refused('source_denied');
    expect(circuit).toMatchObject({ reason: 'auth_rejected' });
  });

  it('403 of a probe for itself lets its source go on', async () => {
    circuit = open({ reason: 'source_denied', probeSeriesInstanceUid: '1.2' });
    ofNobody = 'not_uploaded';
    await passOf(await enter()).refused('source_denied');
    expect(circuit).toMatchObject({ recoveringAt: OPENED });
  });

  it('403 counts anew after a welcome', async () => {
    await passOf(await enter()).refused('source_denied');
    await passOf(await enter()).refused('source_denied');
    await passOf(await enter()).welcomed();
    expect(denials).toBe(0);
    await passOf(await enter()).refused('source_denied');
    expect(circuit).toBeUndefined();
  });

  it('of the probe stops the source again, a single 403 too', async () => {
    circuit = open({ reason: 'source_denied', probeSeriesInstanceUid: '1.2' });
    await passOf(await enter()).refused('source_denied');
    expect(circuit).toEqual(open({ reason: 'source_denied' }));
  });

  it('is told without the token', async () => {
    await passOf(await enter()).refused('auth_rejected');
    expect(JSON.stringify([lines, circuit, await enter()])).not.toContain('secret-token');
    expect(lines).toEqual([{ source: 'siteA', reason: 'auth_rejected' }]);
  });
});

it('credentials are proven from the first welcome to the next refusal, and others are not', async () => {
  const first = passOf(await enter());
  expect(first.isProven).toBe(false);
  await first.welcomed();
  expect(passOf(await enter('1.3')).isProven).toBe(true);
  credentials = { ...GOOD, token: 'another-token' };
  expect(passOf(await enter()).isProven).toBe(false);
  credentials = GOOD;
  await passOf(await enter()).refused('source_denied');
  expect(passOf(await enter()).isProven).toBe(false);
});

it('the welcome of a probe lets everything go on; that of another series changes nothing', async () => {
  circuit = open({ recoveringAt: '2026-03-01T00:00:00.000Z' });
  await passOf(await enter()).welcomed();
  expect(circuit).toEqual(open({ recoveringAt: '2026-03-01T00:00:00.000Z' }));
  circuit = open({ probeSeriesInstanceUid: '1.2' });
  await passOf(await enter()).welcomed();
  expect(circuit).toMatchObject({ recoveringAt: expect.any(String) });
  expect((await enter('1.3')).kind).toBe('admitted');
});

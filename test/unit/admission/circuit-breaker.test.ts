import { describe, expect, it, test } from 'vitest';
import {
  checkCircuit,
  closeCircuit,
  credentialsFingerprintOf,
  endProbe,
  openCircuit,
  PROBE_SECONDS,
  scheduleProbe,
} from '../../../functions/admission/circuit-breaker.ts';
import { NEW_SOURCE_STATE, type SourceState, type Stop } from '../../../functions/admission/source-state.ts';
import { addSeconds } from '../../../functions/shared/time.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const at = (seconds: number) => addSeconds(NOW, seconds);
const stopped = (more: Partial<Stop> = {}): SourceState => ({
  ...NEW_SOURCE_STATE,
  version: 3,
  admitted: ['kept'],
  stop: {
    reason: 'license_expired',
    since: at(-500),
    credentialsFingerprint: 'fp',
    nextProbeAt: at(60),
    ...more,
  },
});
const LEASE_SECONDS = 960;

describe('credentialsFingerprintOf', () => {
  const credentials = { baseUrl: 'https://qure.example', token: 'secret-token', source: 'workspace' };

  it.each(['baseUrl', 'token', 'source'] as const)('distinguishes another %s', (field) => {
    const other = { ...credentials, [field]: `${credentials[field]}x` };
    expect(credentialsFingerprintOf(other)).not.toBe(credentialsFingerprintOf(credentials));
  });

  it('distinguishes fields whose concatenation is equal, and holds nothing of the token', () => {
    const shifted = { baseUrl: 'https://qure.examplew', token: 'secret-token', source: 'orkspace' };
    expect(credentialsFingerprintOf(shifted)).not.toBe(credentialsFingerprintOf(credentials));
    expect(credentialsFingerprintOf(credentials)).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('checkCircuit', () => {
  test.each<{ name: string; standing: SourceState; expected: string }>([
    { name: 'not stopped', standing: NEW_SOURCE_STATE, expected: 'admitted' },
    { name: 'stopped', standing: stopped(), expected: 'license_expired' },
    { name: 'the next probe is due', standing: stopped({ nextProbeAt: NOW }), expected: 'probe' },
    { name: 'another one is the probe', standing: stopped({ probeId: 'b' }), expected: 'license_expired' },
    {
      name: 'another one is the probe, and its lease has ended',
      standing: stopped({ probeId: 'b', nextProbeAt: NOW }),
      expected: 'probe',
    },
    { name: 'it is the probe already', standing: stopped({ probeId: 'a' }), expected: 'probe' },
    {
      name: 'a clock that was years ahead has taken a lease',
      standing: stopped({ probeId: 'b', nextProbeAt: '2031-01-01T00:00:00.000Z' }),
      expected: 'probe',
    },
    {
      name: 'stopped for other credentials',
      standing: stopped({ credentialsFingerprint: 'older', probeId: 'b' }),
      expected: 'admitted',
    },
  ])('$name: $expected', ({ standing, expected }) => {
    const answer = checkCircuit(standing, 'fp', 'a', NOW);
    const said = answer.kind === 'held_back' ? answer.reason : answer.isProbe ? 'probe' : 'admitted';
    expect(said).toBe(expected);
  });

  it('writes nothing for a source that is not stopped, and for a waiting series', () => {
    for (const standing of [NEW_SOURCE_STATE, stopped()])
      expect(checkCircuit(standing, 'fp', 'a', NOW).state).toBe(standing);
  });

  it('gives the probe a lease that outlives its run, and admits no other series meanwhile', () => {
    const { state } = checkCircuit(stopped({ nextProbeAt: NOW }), 'fp', 'a', NOW);
    expect(state).toMatchObject({
      admitted: ['kept'],
      stop: { probeId: 'a', nextProbeAt: at(LEASE_SECONDS) },
    });
    expect(checkCircuit(state, 'fp', 'b', at(LEASE_SECONDS - 1)).kind).toBe('held_back');
    expect(checkCircuit(state, 'fp', 'b', at(LEASE_SECONDS))).toMatchObject({ isProbe: true });
  });

  it('closes at once for other credentials than those that were refused', () => {
    const { state } = checkCircuit({ ...stopped(), consecutiveForbidden: 2 }, 'new', 'a', NOW);
    expect(state).toEqual({ ...NEW_SOURCE_STATE, version: 3, admitted: ['kept'] });
  });

  it('stops a source without credentials once, and closes with the first credentials', () => {
    const first = checkCircuit(NEW_SOURCE_STATE, undefined, 'a', NOW);
    expect(first).toMatchObject({
      kind: 'held_back',
      reason: 'auth_rejected',
      state: { stop: { since: NOW } },
    });
    expect(checkCircuit(first.state, undefined, 'b', at(3_600)).state).toBe(first.state);
    expect(checkCircuit(first.state, 'fp', 'b', at(1))).toMatchObject({ kind: 'admitted', isProbe: false });
  });
});

describe('openCircuit', () => {
  const refusal = { reason: 'auth_rejected', credentialsFingerprint: 'fp' } as const;

  it('allows a probe after two minutes', () => {
    const { stop } = openCircuit({ ...NEW_SOURCE_STATE, consecutiveForbidden: 3 }, refusal, false, NOW);
    expect(stop).toEqual({ ...refusal, since: NOW, nextProbeAt: at(PROBE_SECONDS) });
  });

  it('does not change an open circuit if a call under way is refused', () => {
    const standing = stopped({ probeId: 'b' });
    expect(openCircuit(standing, refusal, false, NOW)).toBe(standing);
  });

  it('keeps the first time and the latest reason after a refused probe', () => {
    const { stop } = openCircuit(stopped({ probeId: 'a' }), refusal, true, NOW);
    expect(stop).toEqual({ ...refusal, since: at(-500), nextProbeAt: at(PROBE_SECONDS) });
  });
});

it('closeCircuit ends the stop and the count of consecutiveForbidden, and writes nothing where there is neither', () => {
  expect(closeCircuit({ ...stopped(), consecutiveForbidden: 2 })).toEqual({
    ...NEW_SOURCE_STATE,
    version: 3,
    admitted: ['kept'],
  });
  expect(closeCircuit({ ...NEW_SOURCE_STATE, consecutiveForbidden: 2 }).consecutiveForbidden).toBe(0);
  expect(closeCircuit(NEW_SOURCE_STATE)).toBe(NEW_SOURCE_STATE);
});

it('endProbe lets the next one in after two minutes, where it was the probe', () => {
  const standing = stopped({ probeId: 'a', nextProbeAt: at(900) });
  const { stop } = endProbe(standing, 'a', NOW);
  expect(stop?.nextProbeAt).toBe(at(PROBE_SECONDS));
  expect(stop).not.toHaveProperty('probeId');
  expect(endProbe(standing, 'b', NOW)).toBe(standing);
});

it('scheduleProbe has the next one to ask be the probe, whoever is one now', () => {
  const now = scheduleProbe(stopped({ probeId: 'b', nextProbeAt: at(900) }), 0, NOW);
  expect(checkCircuit(now, 'fp', 'a', NOW)).toMatchObject({ isProbe: true });
  expect(scheduleProbe(NEW_SOURCE_STATE, 0, NOW)).toBe(NEW_SOURCE_STATE);
});

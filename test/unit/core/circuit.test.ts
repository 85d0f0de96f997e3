import { describe, expect, it } from 'vitest';
import {
  type Circuit,
  type CircuitStep,
  credentialsFingerprintOf,
  isBlocked,
  nextCircuitStep,
  PROBE_SECONDS,
} from '../../../functions/core/circuit.ts';
import { addSeconds } from '../../../functions/core/time.ts';

const OPENED = '2026-03-01T10:00:00.000Z';
const circuit = (overrides: Partial<Circuit> = {}): Circuit => ({
  source: 'siteA',
  reason: 'auth_rejected',
  openedAt: OPENED,
  credentialsFingerprint: 'old',
  ...overrides,
});

describe('credentialsFingerprintOf', () => {
  const credentials = { baseUrl: 'https://qure.example', token: 'secret-token', source: 'workspace' };

  it.each(['baseUrl', 'token', 'source'] as const)('tells another %s', (field) => {
    const other = { ...credentials, [field]: `${credentials[field]}x` };
    expect(credentialsFingerprintOf(other)).not.toBe(credentialsFingerprintOf(credentials));
  });

  it('tells fields apart that together spell the same, and holds nothing of the token', () => {
    const shifted = { baseUrl: 'https://qure.examplew', token: 'secret-token', source: 'orkspace' };
    expect(credentialsFingerprintOf(shifted)).not.toBe(credentialsFingerprintOf(credentials));
    expect(credentialsFingerprintOf(credentials)).toMatch(/^[0-9a-f]{16}$/);
  });
});

it.each<[string, Circuit | undefined, boolean]>([
  ['closed', undefined, false],
  ['open', circuit(), true],
  ['open for the credentials before', circuit({ credentialsFingerprint: 'older' }), false],
  ['open, and this is the probe', circuit({ probeSeriesInstanceUid: '1.2' }), false],
  ['open, and another one is the probe', circuit({ probeSeriesInstanceUid: '1.3' }), true],
  ['recovering', circuit({ recoveringAt: '2026-03-01T00:00:00.000Z' }), false],
])('isBlocked: %s', (_name, held, expected) => {
  expect(isBlocked(held, 'old', '1.2')).toBe(expected);
});

it.each<[string, Circuit, string | undefined, number, CircuitStep]>([
  ['just opened', circuit(), 'old', 0, 'stay'],
  ['a moment before the probe', circuit(), 'old', PROBE_SECONDS - 1, 'stay'],
  ['time for the probe', circuit(), 'old', PROBE_SECONDS, 'probe'],
  ['the secret has changed', circuit(), 'new', 0, 'recover'],
  ['the secret is missing', circuit(), undefined, 0, 'stay'],
  ['the secret is missing for long', circuit(), undefined, PROBE_SECONDS, 'probe'],
  ['recovering already', circuit({ recoveringAt: '2026-03-01T00:00:00.000Z' }), 'old', 0, 'recover'],
])('nextCircuitStep: %s', (_name, held, fingerprint, seconds, expected) => {
  expect(nextCircuitStep(held, fingerprint, addSeconds(OPENED, seconds))).toBe(expected);
});

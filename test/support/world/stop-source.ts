import { credentialsFingerprintOf, PROBE_SECONDS } from '../../../functions/admission/circuit-breaker.ts';
import type { Stop } from '../../../functions/admission/source-state.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { credentialsOf, type World } from './world.ts';

/** Qure has just refused the credentials of the source `default`. */
export async function stopSource(world: World, more: Partial<Stop> = {}): Promise<Stop> {
  const since = world.clock.instant();
  const stop: Stop = {
    reason: 'auth_rejected',
    since,
    credentialsFingerprint: credentialsFingerprintOf(credentialsOf('default')),
    nextProbeAt: addSeconds(since, PROBE_SECONDS),
    ...more,
  };
  await world.sourceStates.decide('default', (state) => ({ state: { ...state, stop } }));
  return stop;
}

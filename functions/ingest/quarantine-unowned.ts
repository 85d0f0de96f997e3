import type { FailedKeys } from './failed-keys.ts';
import type { IndexDeps } from './index-deps.ts';
import { toQuarantined } from './read-dropped-object.ts';
import { updateQuarantine } from './update-quarantine.ts';

/** Objects that no source's prefix covers. */
export async function quarantineUnowned(deps: IndexDeps, unowned: readonly string[]): Promise<FailedKeys> {
  const detail = 'no source of the sources document has a prefix that covers the key; drop it below one';
  const now = deps.clock().toISOString();
  const keys = [...new Set(unowned)];
  const objects = keys.map((key) => toQuarantined({ key }, { reason: 'no_source', detail }, now));
  return updateQuarantine(deps, objects, keys);
}

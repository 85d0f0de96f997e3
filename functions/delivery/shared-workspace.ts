import type { Instance } from '../instances/instance.ts';
import type { QureCredentials } from '../qure/credentials.ts';
import { productOf } from '../qure/product.ts';
import type { UploadingSeries } from '../series/series.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { workspaceIdOf } from '../sources/qure-credentials.ts';
import type { Source } from '../sources/source.ts';

const TAKEN_AT_ONCE = 8;

/**
 * The other source that has brought the series into the same workspace, or an X-ray of it, if any. Qure gives results by UID to
 * all senders of a workspace: without this, a sender that drops one slice of a series gets its findings, and adds a slice to it.
 */
export async function otherHolder(
  { workspaces }: { workspaces: WorkspaceStore },
  series: UploadingSeries,
  instances: readonly Instance[],
  source: Source,
  credentials: QureCredentials,
): Promise<string | undefined> {
  const workspace = workspaceIdOf(credentials);
  const take = (uid: string) => workspaces.take(workspace, uid, source.name);
  // First of all: of two sources that come at once each could else take a part, and both would be refused for good.
  const holder = await take(series.seriesInstanceUid);
  if (holder !== source.name) return holder;
  if (productOf(source, series.product).results !== 'instance') return undefined;
  const holders = await mapConcurrently(instances, TAKEN_AT_ONCE, (one) => take(one.sopInstanceUid));
  return holders.find((other) => other !== source.name);
}

/** Which source has brought what into a workspace of Qure's; Qure itself does not tell sources of one workspace apart. */
export interface WorkspaceStore {
  /**
   * Takes a series or instance of a workspace for a source, unless another one has it; answers who has it from then on.
   * Strongly consistent: of two that ask at once, both get the same answer.
   */
  take(workspace: string, uid: string, source: string): Promise<string>;
}

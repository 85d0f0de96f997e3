import { MARKER_NAME } from '../instances/marker.ts';
import { defined } from '../shared/defined.ts';
import { addSeconds } from '../shared/time.ts';
import type { LoadSources } from '../sources/source.ts';
import type { Answer } from './answers.ts';
import { unknownSource } from './problem.ts';
import { type Asker, type AuditDeps, newAction } from './record-action.ts';
import type { UploadLinksRequest } from './requests.ts';

export interface UploadLinksRouteDeps extends AuditDeps {
  loadSources: LoadSources;
  linkUpload: LinkUpload;
  /** Names a folder for one answer: never the same twice, and not to be guessed. */
  newFolderName(): string;
}

/**
 * `POST /v1/uploads`: links for a sender without credentials of AWS. The keys are ours, a fresh folder and numbers: those of a
 * sender could hold names, or overwrite what others have dropped. A drop of several requests names the folder of the first one: each
 * answer has a fresh folder inside it, so that no link overwrites a file of another answer.
 */
export async function makeUploadLinks(
  deps: UploadLinksRouteDeps,
  { comment, ...request }: UploadLinksRequest,
  asker: Asker,
): Promise<Answer<'UploadLinks'>> {
  const { source: name, count, zips = 0, expiresInSeconds, withMarker } = request;
  const source = (await deps.loadSources()).find((candidate) => candidate.name === name);
  if (source === undefined) throw unknownSource();
  const folder = request.folder ?? `upload-${deps.newFolderName()}`;
  const root = `${source.prefix}${folder}/`;
  const place = request.folder === undefined ? root : `${root}${deps.newFolderName()}/`;
  const asked = { ...asker, ...defined({ comment }) };
  await deps.audit.add(newAction(deps, asked, 'upload_links', { ...request, folder: place }));
  // From before the signing, and in whole seconds as signatures count: a link never ends earlier than its answer says.
  const now = `${deps.clock().toISOString().slice(0, 19)}.000Z`;
  const expiresAt = addSeconds(now, expiresInSeconds);
  const linkTo = async (key: string): Promise<Answer<'UploadLink'>> => ({
    key,
    url: await deps.linkUpload(key, expiresInSeconds),
    method: 'PUT',
  });
  // An archive is known by its key alone.
  const ending = (at: number) => (at < count - zips ? '' : '.zip');
  const keys = Array.from({ length: count }, (_, at) => place + String(at + 1).padStart(4, '0') + ending(at));
  const uploads = await Promise.all(keys.map(linkTo));
  const marker = withMarker ? { marker: { ...(await linkTo(root + MARKER_NAME)), body: '' } } : {};
  return { uploads, ...marker, folder, expiresAt };
}

/** A link by which anybody may put an object under this key of the drop bucket until it expires. Never logged. */
export type LinkUpload = (key: string, expiresInSeconds: number) => Promise<string>;

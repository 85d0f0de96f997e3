import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isObject, type Json, type JsonObject } from './intrinsics.ts';
import type { RawResource } from './resource-names.ts';

/** Asset hash → folder, as the manifest beside the template (`<Stack>.assets.json`) lists them. */
export type AssetFolders = ReadonlyMap<string, string>;

/** Source: cloud-assembly-schema, AssetManifest: `files[hash].source.path`. */
export function readAssetFolders(templatePath: string): AssetFolders {
  const path = templatePath.replace(/\.template\.json$/, '.assets.json');
  const folders = new Map<string, string>();
  if (path === templatePath || !existsSync(path)) return folders;
  const files = (JSON.parse(readFileSync(path, 'utf8')) as JsonObject).files;
  for (const [hash, entry] of Object.entries(isObject(files) ? files : {})) {
    const source = isObject(entry) && isObject(entry.source) ? entry.source.path : undefined;
    if (typeof source === 'string') folders.set(hash, source);
  }
  return folders;
}

/**
 * The folder of a function's code: by the `aws:asset:path` of the CDK's command line, otherwise by the hash in
 * `Code.S3Key`. Undefined for inline code, which the local cloud does not run.
 */
export function codeFolderOf(
  resource: RawResource,
  code: Json | undefined,
  folders: AssetFolders,
  templateFolder: string,
): string | undefined {
  const stated = resource.Metadata['aws:asset:path'];
  if (typeof stated === 'string') return resolve(templateFolder, stated);
  const key = isObject(code) ? code.S3Key : undefined;
  const hash = typeof key === 'string' ? key.replace(/^.*\//, '').replace(/\.zip$/, '') : undefined;
  const folder = hash === undefined ? undefined : folders.get(hash);
  return folder === undefined ? undefined : join(templateFolder, folder);
}

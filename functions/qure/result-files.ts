import { asObject } from './answer-body.ts';
import { assetTypeSegment } from './asset-type-segment.ts';

/**
 * A series of 2,000 slices with a few assets for each has fewer. An answer of 16 MB could name a million, each to be
 * fetched and stored.
 */
export const MAX_RESULT_LINKS = 10_000;

export interface ResultFiles {
  /** A key segment (`assetTypeSegment`), not Qure's spelling: safe to store under. */
  type: string;
  /** Absolute http or https URLs in Qure's order. Whether they may be fetched is for `checkAssetUrl` to say. */
  urls: string[];
}

/**
 * The assets of a result by type: `result.files` maps an open set of types to lists of pre-signed URLs. Types without a
 * usable URL are left out; `ignoredFiles` counts what was listed but is no URL. `undefined` for more than
 * `MAX_RESULT_LINKS` entries, before any of them is looked at.
 */
export function readResultFiles(value: unknown): { files: ResultFiles[]; ignoredFiles: number } | undefined {
  const byType = asObject(value);
  if (byType === undefined) {
    return { files: [], ignoredFiles: Array.isArray(value) ? value.length : value == null ? 0 : 1 };
  }
  // One URL without a list around it is tolerated; null stands for an empty list.
  const listings = Object.entries(byType).map(([type, listed]): [string, unknown[]] => [
    type,
    Array.isArray(listed) ? listed : listed === null ? [] : [listed],
  ]);
  if (listings.reduce((sum, [, entries]) => sum + entries.length, 0) > MAX_RESULT_LINKS) {
    return undefined;
  }
  const files: ResultFiles[] = [];
  let ignoredFiles = 0;
  for (const [type, entries] of listings) {
    const urls = entries.filter(isHttpUrl);
    ignoredFiles += entries.length - urls.length;
    if (urls.length > 0) {
      files.push({ type: assetTypeSegment(type), urls });
    }
  }
  return { files, ignoredFiles };
}

function isHttpUrl(value: unknown): value is string {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  return url?.protocol === 'https:' || url?.protocol === 'http:';
}

import { asObject } from './answer.ts';
import { assetTypeSegment } from './asset-type-segment.ts';

export interface ResultFiles {
  /** A key segment (`assetTypeSegment`), not Qure's spelling: safe to store under. */
  type: string;
  /** Absolute http or https URLs in Qure's order. Whether they may be fetched is for `checkAssetUrl` to say. */
  urls: string[];
}

/**
 * The assets of a result by type: `result.files` maps an open set of types to lists of pre-signed URLs. Types without a
 * usable URL are left out; `ignoredFiles` counts what was listed but is no URL.
 */
export function readResultFiles(value: unknown): { files: ResultFiles[]; ignoredFiles: number } {
  const byType = asObject(value);
  if (byType === undefined) {
    return { files: [], ignoredFiles: Array.isArray(value) ? value.length : value == null ? 0 : 1 };
  }
  const files: ResultFiles[] = [];
  let ignoredFiles = 0;
  for (const [type, listed] of Object.entries(byType)) {
    // One URL without a list around it is tolerated; null stands for an empty list.
    const entries: unknown[] = Array.isArray(listed) ? listed : listed === null ? [] : [listed];
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

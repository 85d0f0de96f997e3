import type { SectionQuery, Study } from './filters.ts';

export interface Section extends SectionQuery {
  /** Of its studies, in their order. */
  keys: readonly string[];
  cursor?: string | undefined;
  /** `unread`: nothing was answered yet, or asked. `loading`: more is on its way. */
  status: 'unread' | 'loading' | 'ready' | 'failed';
}

export function keyOf({ source, studyInstanceUid }: Pick<Study, 'source' | 'studyInstanceUid'>): string {
  return `${source}/${studyInstanceUid}`;
}

/**
 * Whether what comes after a section has its place, and is shown: all of the section is read, or nothing was found yet of a rare kind
 * that is looked for page after page.
 */
export function isFollowed({ keys, status, cursor }: Section): boolean {
  if (status === 'ready' && cursor === undefined) return true;
  return keys.length === 0 && (status === 'ready' || status === 'loading');
}

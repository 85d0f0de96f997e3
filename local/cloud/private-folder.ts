import { chmodSync, mkdirSync } from 'node:fs';

/**
 * Makes a folder, or takes one that is there, for the user of this process alone: what is in it are scans and results.
 * @returns false where the folder is another user's, whose rights this process may not change
 */
export function makePrivateFolder(path: string): boolean {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  try {
    chmodSync(path, 0o700);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return false;
    throw error;
  }
}

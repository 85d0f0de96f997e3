import { chmodSync, mkdirSync } from 'node:fs';

/**
 * Creates a folder, or restricts an existing one, for the user of this process only: it contains scans and results.
 * @returns false if the folder belongs to another user, so this process may not change its permissions
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

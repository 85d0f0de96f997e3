import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makePrivateFolder } from '../../../local/cloud/private-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'private-'));
afterAll(() => rmSync(folder, { recursive: true }));
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

it.skipIf(process.platform === 'win32')(
  'makes a folder that only its user can enter, and its parents too',
  () => {
    expect(makePrivateFolder(join(folder, 'new/deep'))).toBe(true);
    expect([modeOf(join(folder, 'new')), modeOf(join(folder, 'new/deep'))]).toEqual(['700', '700']);
  },
);

it.skipIf(process.platform === 'win32')('restricts a folder that an earlier version left readable', () => {
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o755);
  makePrivateFolder(join(folder, 'open'));
  expect(modeOf(join(folder, 'open'))).toBe('700');
});

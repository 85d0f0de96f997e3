import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleConsole } from '../../../infra/console-bundle.ts';

const MAX_SCRIPT_BYTES = 150 * 1024;

test('the script of the console has at most 150 KB, compressed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'console-size-'));
  try {
    bundleConsole(folder);
    for (const ending of ['.js.br', '.js.gz']) {
      const [script = '', ...others] = readdirSync(folder).filter((name) => name.endsWith(ending));
      expect(others).toEqual([]);
      expect(statSync(join(folder, script)).size).toBeLessThan(MAX_SCRIPT_BYTES);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

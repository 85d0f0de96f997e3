import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleConsole } from '../../../infra/console-bundle.ts';

const MAX_SCRIPT_BYTES = 150 * 1024;

test('all scripts of the console have at most 150 KB, compressed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'console-size-'));
  try {
    bundleConsole(folder);
    for (const ending of ['.js.br', '.js.gz']) {
      const files = readdirSync(folder).filter((name) => name.endsWith(ending));
      expect(files.length).toBeGreaterThan(2);
      const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      expect(bytes).toBeLessThan(MAX_SCRIPT_BYTES);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

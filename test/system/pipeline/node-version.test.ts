import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import nodePackage from '../../../build/node-24/package.json' with { type: 'json' };

const platform = process.platform === 'win32' ? 'win' : process.platform;
const pinned = `node-${platform}-${process.arch}`;
const isPinned = pinned in nodePackage.optionalDependencies;

it.skipIf(!isPinned)(`npm's scripts run on Node 24 (skipped where no pinned Node exists: ${pinned})`, () => {
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const version = execFileSync('npm exec -c "node --version"', { cwd, shell: true, encoding: 'utf8' });
  expect(version.trim()).toMatch(/^v24\./);
  if (process.env['npm_lifecycle_event'] !== undefined) expect(process.version).toMatch(/^v24\./);
});

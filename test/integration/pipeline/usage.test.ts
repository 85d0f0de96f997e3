import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHostProcess } from '../../support/host-process.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'usage-'));
const taken = createServer();
let takenPort = '';
beforeAll(async () => {
  await prepareStack(dataDir);
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenPort = String((taken.address() as { port: number }).port);
});
afterAll(() => {
  taken.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('what keeps the host from starting is one clear line and exit 2', () => {
  it.each<[string, () => string[], RegExp]>([
    ['an unknown option', () => ['--quite-period', '3'], /did you mean --quiet-period/],
    ['a product that does not exist', () => ['--product', 'qXX'], /--product/],
    ['a path that is not there', () => [join(dataDir, 'nowhere')], /nowhere/],
    ['a sources file that is not there', () => ['--config', join(dataDir, 'no.yaml')], /--config|no\.yaml/],
    ['a console port in use', () => ['--port', takenPort], /port is in use/],
    ['an S3 port in use', () => ['--s3-port', takenPort], /port is in use/],
  ])('%s', async (_name, args, expected) => {
    const { code, err } = await startHostProcess(['--once', '--data-dir', dataDir, ...args()]).ended;
    expect(err.trim().split('\n')).toEqual([expect.stringMatching(expected)]);
    expect(code).toBe(2);
  });
});

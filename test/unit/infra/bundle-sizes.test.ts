import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFloor } from '../../../bench/bundle-floor.ts';
import { bundleFunctions } from '../../../infra/bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/function-names.ts';

/** Times the clients of S3 and DynamoDB alone (docs/benchmarks.md, "Cold start"). */
const MOST = 1.6;

let outDir: string;
let folders: Record<FunctionName, string>;
let floorBytes: number;
const bundled: string[] = [];
beforeAll(async () => {
  outDir = mkdtempSync(join(tmpdir(), 'qure-dropoff-sizes-'));
  folders = await bundleFunctions(FUNCTION_NAMES, { outDir, tookIn: (path) => bundled.push(path) });
  floorBytes = statSync(bundleFloor(outDir)).size;
});
afterAll(() => rmSync(outDir, { recursive: true }));

it.each(FUNCTION_NAMES)('the bundle of %s is within the limit', (name) => {
  const bytes = statSync(join(folders[name], 'index.mjs')).size;
  expect(bytes / floorBytes).toBeLessThanOrEqual(MOST);
});

it.each(FUNCTION_NAMES)('the import of %s does not load undici', (name) => {
  const program = `await import(${JSON.stringify(join(folders[name], 'index.mjs'))});
    process.stdout.write(process.moduleLoadList.filter((loaded) => loaded.includes('undici')).join());`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
});

it('zod is bundled without its classes, whose methods no bundle can leave out', () => {
  expect(bundled).toContain('node_modules/zod/v4/mini/schemas.js');
  expect(bundled.filter((path) => path.includes('/zod/v4/classic/'))).toEqual([]);
});

it('the words of body parts are where a header is read, and nowhere else', () => {
  const withWords = FUNCTION_NAMES.filter((name) =>
    readFileSync(join(folders[name], 'index.mjs'), 'utf8').includes('CIRCLEOFWILLIS'),
  );
  expect(withWords).toEqual(['index-instances', 'check-completion', 'reconcile', 'serve-api']);
});

it('the API has its description in a file of its own', () => {
  const folder = folders['serve-api'];
  expect(readdirSync(folder).toSorted()).toEqual(['console', 'index.mjs', 'openapi.json']);
  expect(JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'))).toHaveProperty('openapi');
  expect(readFileSync(join(folder, 'index.mjs'), 'utf8').includes('How many series each state has')).toBe(
    false,
  );
});

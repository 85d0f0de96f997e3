import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFloor } from '../../../bench/bundle-floor.ts';
import { bundleFunctions } from '../../../infra/bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/function-names.ts';

/** Times the clients of S3 and DynamoDB alone (docs/benchmarks.md, "Cold start"): what is there, and a twentieth more. */
const MOST: Record<FunctionName, number> = {
  canary: 1.05,
  sweep: 1.1,
  'index-instances': 1.65,
  compute: 1.65,
  reconcile: 1.7,
  'poll-results': 1.75,
  'check-completion': 1.8,
  'serve-api': 1.85,
};

let outDir: string;
let folders: Record<FunctionName, string>;
let floorBytes: number;
const bundled: string[] = [];
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), 'qure-dropoff-sizes-'));
  folders = bundleFunctions(FUNCTION_NAMES, { outDir, tookIn: (path) => bundled.push(path) });
  floorBytes = statSync(bundleFloor(outDir)).size;
});
afterAll(() => rmSync(outDir, { recursive: true }));

it.each(FUNCTION_NAMES)('the bundle of %s is within its limit', (name) => {
  const bytes = statSync(join(folders[name], 'index.mjs')).size;
  expect(bytes / floorBytes).toBeLessThanOrEqual(MOST[name]);
});

it('zod is bundled without its classes, whose methods no bundle can leave out', () => {
  expect(bundled).toContain('node_modules/zod/v4/mini/schemas.js');
  expect(bundled.filter((path) => path.includes('/zod/v4/classic/'))).toEqual([]);
});

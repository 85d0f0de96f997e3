import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFloor } from '../../../bench/bundle-floor.ts';
import { bundleFunctions } from '../../../infra/bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../../infra/function-names.ts';

/** Times the clients of S3 and DynamoDB alone (docs/benchmarks.md, "Cold start"): what is there, and a twentieth more. */
const MOST: Record<FunctionName, number> = {
  canary: 1.2,
  sweep: 1.25,
  'index-instances': 1.8,
  reconcile: 1.85,
  'check-completion': 1.95,
  'serve-api': 2,
  compute: 1.8,
  'poll-results': 1.9,
};

let outDir: string;
let folders: Record<FunctionName, string>;
let floorBytes: number;
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), 'qure-dropoff-sizes-'));
  folders = bundleFunctions(FUNCTION_NAMES, { outDir });
  floorBytes = statSync(bundleFloor(outDir)).size;
});
afterAll(() => rmSync(outDir, { recursive: true }));

it.each(FUNCTION_NAMES)('the bundle of %s is within its limit', (name) => {
  const bytes = statSync(join(folders[name], 'index.mjs')).size;
  expect(bytes / floorBytes).toBeLessThanOrEqual(MOST[name]);
});

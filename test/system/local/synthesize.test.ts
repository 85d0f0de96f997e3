import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SynthesisError, synthesize, TEMPLATE_FILE } from '../../../local/host/synthesize.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'synthesize-'));
const stack = join(dataDir, 'stack');
const template = join(stack, TEMPLATE_FILE);
beforeAll(() => prepareStack(dataDir));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Lets the CDK app fail before its first line, so that a template can only be one that was there. */
function breakSynthesis(): void {
  vi.stubEnv('NODE_OPTIONS', '--require ./not-there-on-purpose.cjs');
}

describe('synthesize', () => {
  it('returns a template with the bundle of every function beside it', async () => {
    expect(await synthesize(stack)).toBe(template);
    const { Resources: resources } = JSON.parse(readFileSync(template, 'utf8')) as { Resources: object };
    const types = Object.values(resources).map((resource: { Type: string }) => resource.Type);
    const functions = types.filter((type) => type === 'AWS::Lambda::Function').length;
    expect(functions).toBeGreaterThan(0);
    const bundles = readdirSync(stack).filter((name) => existsSync(join(stack, name, 'index.mjs')));
    expect(bundles).toHaveLength(functions);
  });

  it('reuses the template while nothing has changed', async () => {
    const before = statSync(template).mtimeMs;
    breakSynthesis();
    expect(await synthesize(stack)).toBe(template);
    expect(statSync(template).mtimeMs).toBe(before);
  });

  it.each([
    ['the sources have changed since', () => writeFileSync(join(stack, 'inputs.sha256'), 'of other sources')],
    ['an earlier synthesis was cut short', () => rmSync(join(stack, 'inputs.sha256'), { force: true })],
    ['the template is gone', () => rmSync(template, { force: true })],
  ])('synthesizes again when %s, and reports the output of the app if it fails', async (_name, spoil) => {
    spoil();
    breakSynthesis();
    const failing = synthesize(stack);
    await expect(failing).rejects.toThrow(SynthesisError);
    await expect(failing).rejects.toThrow(/run npm run synth\. Its output:\n.*not-there-on-purpose/s);
    // Nothing half-made is taken for a stack by the next start.
    expect(existsSync(template)).toBe(false);
  });

  it('succeeds after a failure, and reuses that template from then on', async () => {
    await synthesize(stack);
    breakSynthesis();
    expect(await synthesize(stack)).toBe(template);
  });
});

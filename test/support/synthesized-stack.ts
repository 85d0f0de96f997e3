import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesize } from '../../local/host/synthesize.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/qure-dropoff-test-stacks/', import.meta.url));
const STAMP = 'inputs.sha256';
/** A copy that another worker may still be reading is left alone. */
const KEPT_MS = 60 * 60 * 1000;

/**
 * Puts the synthesized stack where a host with this data directory looks for it, and answers the template's path. Made
 * once for all test files: a later call copies it, and `synthesize` makes it anew only where the sources have changed.
 */
export async function prepareStack(dataDir: string): Promise<string> {
  const target = join(dataDir, 'stack');
  const [newest] = cachedStacks();
  if (newest !== undefined) cpSync(newest, target, { recursive: true, preserveTimestamps: true });
  const templatePath = await synthesize(target);
  publish(target);
  return templatePath;
}

function cachedStacks(): string[] {
  mkdirSync(CACHE, { recursive: true });
  return readdirSync(CACHE)
    .filter((name) => !name.includes('.'))
    .map((name) => join(CACHE, name))
    .sort((a, b) => statSync(b).ctimeMs - statSync(a).ctimeMs);
}

/** A cached stack is never changed: it has the name of its inputs and appears as a whole. */
function publish(stack: string): void {
  const name = createHash('sha256')
    .update(readFileSync(join(stack, STAMP)))
    .digest('hex')
    .slice(0, 16);
  const cached = join(CACHE, name);
  if (existsSync(cached)) return;
  const draft = `${cached}.${process.pid}`;
  cpSync(stack, draft, { recursive: true });
  try {
    renameSync(draft, cached);
  } catch {
    // Another worker was first.
    rmSync(draft, { recursive: true, force: true });
  }
  for (const old of cachedStacks().slice(1)) {
    if (Date.now() - statSync(old).ctimeMs > KEPT_MS) rmSync(old, { recursive: true, force: true });
  }
}

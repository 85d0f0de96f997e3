import { registerHooks } from 'node:module';
import { MUTATION_VARIABLE, mutate } from './mutation.ts';
import { mutationNamed } from './mutations.ts';

/**
 * Loaded with `--import` before everything else: breaks one file of `functions/` as it is loaded, in memory alone. The
 * environment names the mutation; without a name nothing is broken (the control).
 */

const name = process.env[MUTATION_VARIABLE];
const mutation = name === undefined ? undefined : mutationNamed(name);
let isApplied = false;

/** A mutation of a file that no stage loads would prove nothing. */
export function isAsPlanned(): boolean {
  return mutation === undefined || isApplied;
}

if (mutation !== undefined) {
  const url = new URL(`../../../${mutation.file}`, import.meta.url).href;
  registerHooks({
    load(loadedUrl, context, nextLoad) {
      const loaded = nextLoad(loadedUrl, context);
      if (loadedUrl !== url || loaded.source === undefined || loaded.source === null) return loaded;
      const source =
        typeof loaded.source === 'string'
          ? loaded.source
          : Buffer.from(loaded.source as Uint8Array).toString('utf8');
      isApplied = true;
      return { ...loaded, source: mutate(source, mutation) };
    },
  });
}

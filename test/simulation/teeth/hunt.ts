import { runStory } from '../run-story.ts';
import { BrokenInvariantError } from '../series-monitor.ts';
import { messageOf } from '../shrink.ts';
import { storyOf } from '../story.ts';
import { isAsPlanned } from './apply-mutation.ts';

/** What a hunt came to, as it tells its parent in one line of JSON. */
export type Hunted =
  | { kind: 'clean' }
  | { kind: 'caught'; seed: number; invariant: string }
  /** No invariant: the simulation itself could not go on. */
  | { kind: 'crashed'; message: string };

/** Seeds to run, both included. */
export interface Seeds {
  from: number;
  to: number;
}

/** Runs seeds until an invariant breaks, or none is left. */
async function hunt({ from, to }: Seeds): Promise<Hunted> {
  if (!isAsPlanned()) return { kind: 'crashed', message: 'no stage loads the file of the mutation' };
  for (let seed = from; seed <= to; seed += 1) {
    try {
      await runStory(storyOf(seed));
    } catch (error) {
      return error instanceof BrokenInvariantError
        ? { kind: 'caught', seed, invariant: error.message }
        : { kind: 'crashed', message: messageOf(error) };
    }
  }
  return { kind: 'clean' };
}

console.log(JSON.stringify(await hunt({ from: Number(process.argv[2]), to: Number(process.argv[3]) })));

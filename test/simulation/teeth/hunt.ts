import { BrokenInvariantError } from '../broken-invariant.ts';
import { REGRESSIONS } from '../regressions.ts';
import { runStory } from '../run-story.ts';
import { messageOf } from '../shrink.ts';
import { type Story, storyOf } from '../story.ts';
import { isAsPlanned } from './apply-mutation.ts';

/** What a hunt came to, as it tells its parent in one line of JSON. */
export type Hunted =
  | { kind: 'clean' }
  | { kind: 'caught'; seed: number; invariant: string }
  /** No invariant: the simulation itself could not go on. */
  | { kind: 'crashed'; message: string };

/** Seeds to run, or numbers of kept stories, both included. */
export interface Seeds {
  from: number;
  to: number;
}

/** Runs stories until an invariant breaks, or none is left. */
async function hunt({ from, to }: Seeds, storyAt: (number: number) => Story): Promise<Hunted> {
  if (!isAsPlanned()) return { kind: 'crashed', message: 'no stage loads the file of the mutation' };
  for (let seed = from; seed <= to; seed += 1) {
    try {
      await runStory(storyAt(seed));
    } catch (error) {
      return error instanceof BrokenInvariantError
        ? { kind: 'caught', seed, invariant: error.message }
        : { kind: 'crashed', message: messageOf(error) };
    }
  }
  return { kind: 'clean' };
}

function keptStory(number: number): Story {
  const kept = REGRESSIONS[number];
  if (kept === undefined) throw new TypeError(`expected the number of a kept story, got ${number}`);
  return kept.story;
}

const [kind, from, to] = process.argv.slice(2);
const range = { from: Number(from), to: Number(to) };
console.log(JSON.stringify(await hunt(range, kind === 'kept' ? keptStory : storyOf)));

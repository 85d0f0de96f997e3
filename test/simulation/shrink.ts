import * as fc from 'fast-check';
import { runStory } from './run-story.ts';
import { type Story, story } from './story.ts';

export interface Shrunk {
  story: Story;
  /** What goes wrong in the shrunk story; usually, but not always, what went wrong in the whole one. */
  message: string;
}

/** Looks for the shortest story that still fails, from the story of a seed; at most so many runs. */
export async function shrinkStory(seed: number, maxRuns: number): Promise<Shrunk | undefined> {
  let runs = 0;
  let shortest: Shrunk | undefined;
  const property = fc.asyncProperty(fc.noBias(story), async (candidate) => {
    runs += 1;
    // Out of patience: what is found so far is the shortest.
    if (runs > maxRuns) return;
    try {
      await runStory(candidate);
    } catch (error) {
      shortest = { story: candidate, message: messageOf(error) };
      throw error;
    }
  });
  await fc.check(property, { seed, numRuns: 1 });
  return shortest;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The environment variable that names the mutation to a child process. */
export const MUTATION_VARIABLE = 'TEETH_MUTATION';

/** A deliberate breakage of `functions/`: one exact text of one file replaced by another. */
export interface Mutation {
  name: string;
  /** The guarantee that it breaks. */
  says: string;
  /** From the root of the repository. */
  file: string;
  /** A kept story names it, and seeds come upon it too rarely. */
  isOnlyOfStory?: true;
  /** Occurs exactly once in the file. */
  find: string;
  replace: string;
}

/** The text to be broken is not there, or not only once: the list has gone stale and proves nothing. */
export class StaleMutationError extends Error {
  override name = 'StaleMutationError';
}

export function mutate(source: string, { name, file, find, replace }: Mutation): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = after === undefined ? 0 : more.length + 1;
    throw new StaleMutationError(
      `expected the text of the mutation ${name} once in ${file}, found it ${times} times`,
    );
  }
  return before + replace + after;
}

/** The environment variable with the name of the mutation, for the child process. */
export const MUTATION_VARIABLE = 'SIMULATION_MUTATION';

/** A mutation of `functions/`: one exact text of one file is replaced by another. The changed code is the mutant. */
export interface Mutation {
  name: string;
  /** The guarantee that it removes. */
  says: string;
  /** From the root of the repository. */
  file: string;
  /** Seeds kill it too rarely; a kept scenario does. */
  isOnlyOfScenario?: true;
  /** Occurs exactly once in the file. */
  find: string;
  replace: string;
}

/** The text to be replaced is not in the file, or more than once: the mutation is out of date. */
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

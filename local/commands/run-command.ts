import { ZodError } from 'zod';
import { UsageError } from '../options/usage-error.ts';
import { ApiCallError, type CallApi, createApiCaller } from './call-api.ts';
import type { ApiPlace } from './command-line.ts';

/** The inputs and outputs of a command. */
export interface CommandWorld {
  print(line: string): void;
  callerFor(place: ApiPlace): CallApi;
}

/** Parses the arguments, runs the command and returns the exit code: 0, or 1 if something was not done. */
export type Command = (argv: readonly string[], world: CommandWorld) => Promise<number>;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Runs a command in this process and exits: 2 for wrong usage, 1 if the API was not reached or refused. */
export async function runCommand(command: Command): Promise<void> {
  const world: CommandWorld = {
    print: (line) => process.stdout.write(`${line}\n`),
    callerFor: createApiCaller,
  };
  try {
    process.exitCode = await command(process.argv.slice(2), world);
  } catch (error) {
    const lines = error instanceof UsageError ? error.problems : [explain(error)];
    for (const line of lines) process.stderr.write(`qure-dropoff: ${line}\n`);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

function explain(error: unknown): string {
  if (error instanceof ApiCallError) return error.message;
  if (error instanceof ZodError)
    return 'expected an answer of the HTTP API of qure-dropoff, got another: check --api or --function';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

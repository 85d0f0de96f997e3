import { start } from '../../cli/commands/start.ts';
import { readArguments } from '../../cli/frame/read-arguments.ts';
import { startOptions } from '../../cli/start/start-options.ts';
import { type Options, UsageError } from '../../local/options.ts';

/** The options of the host that a command line of `npm start` gives. @throws UsageError with every mistake */
export function readStartOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Options {
  const { given, problems } = readArguments(start, argv, env);
  if (problems.length > 0) throw new UsageError(problems);
  return startOptions(given, env);
}

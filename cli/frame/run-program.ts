import { $ZodError } from '../../functions/shared/schema.ts';
import { VERSION } from '../../functions/shared/version.ts';
import { causeOf } from '../../local/options/check-paths.ts';
import { UsageError } from '../../local/options/usage-error.ts';
import { cleanText } from '../../local/progress/terminal-text.ts';
import { ApiCallError, createApiCaller } from '../target/call-api.ts';
import type { CommandSpec, World } from './command.ts';
import { commandHelp, helpColumns, programHelp } from './help.ts';
import { nearestName } from './nearest-name.ts';
import { readArguments } from './read-arguments.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const VERSION_LINE = `qure-dropoff ${VERSION}`;

/** Runs the command that the words name, in this process, and returns its exit code. */
export async function runProgram(specs: readonly CommandSpec[], argv: readonly string[]): Promise<number> {
  let ending: AbortSignal | undefined;
  const world: World = {
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${cleanText(line)}\n`),
    callerFor: createApiCaller,
    env: process.env,
    now: () => new Date(),
    columns: process.stdout.columns,
    get signal() {
      ending ??= endingSignal();
      return ending;
    },
  };
  // A reader that has enough (`| head`) closes the pipe: nothing is wrong.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return runWords(specs, argv, world);
}

/** Only for a command that asks for it: the others end at once, as Node does it. A second Ctrl-C ends every command. */
function endingSignal(): AbortSignal {
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => ending.abort());
  return ending.signal;
}

/** As `runProgram`, in a given world. */
export async function runWords(
  specs: readonly CommandSpec[],
  argv: readonly string[],
  world: World,
): Promise<number> {
  const [first = '--help', second = ''] = argv;
  if (['--version', '-V', '-v', 'version'].includes(first)) {
    world.print(VERSION_LINE);
    return 0;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    const named = argv.slice(1).filter((word) => word !== 'help' && !word.startsWith('-'));
    if (named.length > 0) return runWords(specs, [...named, '--help'], world);
    world.print(programHelp(specs, helpColumns(world)));
    return argv.length === 0 ? EXIT_USAGE : 0;
  }
  const spec =
    specs.find(({ name }) => name === `${first} ${second}`) ?? specs.find(({ name }) => name === first);
  if (spec === undefined) {
    const those = specs.filter(({ name }) => name.startsWith(`${first} `));
    if (those.length > 0 && (second === '--help' || second === '-h')) {
      world.print(those.map((one) => commandHelp(one, helpColumns(world))).join('\n\n'));
      return 0;
    }
    world.note(`qure-dropoff: ${unknownCommand(specs, first, second)}`);
    return EXIT_USAGE;
  }
  return runCommand(spec, argv.slice(spec.name.split(' ').length), world);
}

/** Runs one command with what follows its name. */
export async function runCommand(spec: CommandSpec, argv: readonly string[], world: World): Promise<number> {
  try {
    const { given, problems, notes } = readArguments(spec, argv, world.env);
    if (given.has('help')) {
      world.print(commandHelp(spec, helpColumns(world)));
      return 0;
    }
    if (given.has('version')) {
      world.print(VERSION_LINE);
      return 0;
    }
    // Not to the wrong deployment by a variable that was forgotten.
    for (const note of notes) world.note(note);
    if (problems.length > 0) throw new UsageError(problems);
    return await spec.run(given, world);
  } catch (error) {
    const lines = error instanceof UsageError ? error.problems : explain(error);
    // A server may have written it.
    for (const line of lines) world.note(cleanText(`qure-dropoff: ${line}`));
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

function unknownCommand(specs: readonly CommandSpec[], first: string, second: string): string {
  const words = specs.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (words.length > 0)
    return `expected ${words.join(' or ')}, got ${JSON.stringify(`${first} ${second}`.trim())}`;
  if (first.startsWith('-'))
    return `expected a command, got ${JSON.stringify(first.slice(0, 80))}: options follow the command, see qure-dropoff --help`;
  const nearest = nearestName(
    first,
    specs.map(({ name }) => name),
  );
  const advice = nearest === undefined ? 'see qure-dropoff --help' : `did you mean ${nearest}?`;
  return `expected a command, got ${JSON.stringify(first.slice(0, 80))}: ${advice}`;
}

/** Of the file system of this machine. */
function isFileError(error: unknown): error is Error & { path: string } {
  return error instanceof Error && 'syscall' in error && 'path' in error && typeof error.path === 'string';
}

function explain(error: unknown): string[] {
  if (error instanceof ApiCallError) return [error.message];
  if (error instanceof Error && error.name === 'AbortError')
    return ['ended before it was done: run it again, it resumes'];
  if (error instanceof $ZodError)
    return [
      'expected an answer of the HTTP API of qure-dropoff, got another: check --api, --stack or --function',
    ];
  if (isFileError(error)) return [`${error.path}: expected a place to read or write, got ${causeOf(error)}`];
  return error instanceof Error ? (error.stack ?? error.message).split('\n') : [String(error)];
}

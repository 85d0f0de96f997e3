import { fixedQuiet, learnedQuiet, type Policy, replay, type WaitReason } from '@qure-dropoff/learned-quiet';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { silenceLimits } from '../../functions/sources/silence.ts';
import { readTrace, TraceError } from './read-trace.ts';
import { writeDecisions } from './write-decisions.ts';

interface Options {
  traces: string;
  out: string;
  mode: 'adaptive' | 'quiet';
  quietPeriod: number;
}

const EXIT_USAGE = 2;
const MOST_SECONDS = 86_400;
/** The default of a source. */
const MAX_WAIT_SECONDS = 900;

/** Runs `npm run completion` in this process, and returns its exit code. */
export async function runCompletion(argv: readonly string[], note: (text: string) => void): Promise<number> {
  const command = new Command('npm run completion --')
    .description('Replays recorded arrivals in virtual time: when would each series have been complete?')
    .requiredOption('--traces <file>', 'arrivals, one JSON object a line, in any order')
    .requiredOption('--out <file>', 'decisions, one JSON object a line, in the order of time')
    .addOption(
      new Option('--mode <mode>', 'the quiet period of each sender is learned, or fixed')
        .choices(['adaptive', 'quiet'])
        .default('adaptive'),
    )
    .option('--quiet-period <seconds>', 'of a sender that is not known', parseSeconds, 60)
    .addHelpText('after', '\nThe lines: docs/completion.md#replay-your-own-arrivals')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: note, writeErr: note });
  try {
    command.parse(argv, { from: 'user' });
    const options = command.opts<Options>();
    const { arrivals, series } = await readTrace(options.traces);
    const decisions = replay(arrivals, policyOf(options));
    const written = await writeDecisions(options.out, decisions, series);
    note(`${arrivals.length} arrivals of ${series.size} series: ${written} decisions in ${options.out}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(error instanceof TraceError) && !isFileError(error)) throw error;
    note(`completion: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

function policyOf({ mode, quietPeriod }: Options): Policy<WaitReason | 'quiet'> {
  if (mode === 'quiet') return fixedQuiet(quietPeriod);
  const source = { completion: { mode }, quietPeriodSeconds: quietPeriod, maxWaitSeconds: MAX_WAIT_SECONDS };
  return learnedQuiet(silenceLimits(source, 'routine'));
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new InvalidArgumentError(`expected seconds from 1 to ${MOST_SECONDS}.`);
}

/** Of the file system of this machine: no such file, no right to write. */
function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

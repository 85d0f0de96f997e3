import { Command, type Option } from 'commander';
import type { CommandSpec } from './command.ts';
import { commandOf } from './read-arguments.ts';

const PROGRAM = 'qure-dropoff';
const COLUMNS = 110;

const ABOUT = `Drop CTs and X-rays, see where they are, and fetch what Qure.ai found. Without --api or --stack the
commands call the host on this machine (qure-dropoff start).`;

/** The exit codes of every command. */
export const EXITS = 'Exit codes: 0 done, 1 something needs you, 2 wrong use';

/** What `qure-dropoff --help` prints, without a final line feed. */
export function programHelp(specs: readonly CommandSpec[]): string {
  const program = configured(new Command(PROGRAM).usage('<command> [options]').description(ABOUT));
  program.option('-h, --help', 'show this text, or that of the command').helpOption(false);
  program.option('-V, --version', 'show the version');
  for (const spec of specs) {
    program.addCommand(new Command(spec.name).summary(spec.summary).helpGroup(`${spec.group}:`));
  }
  program.helpCommand(false);
  return [program.helpInformation().trimEnd(), '', EXITS].join('\n');
}

/** What `--help` of a command prints, without a final line feed. */
export function commandHelp(spec: CommandSpec): string {
  const command = configured(commandOf(spec));
  const { summary, about, operand } = spec;
  command
    .name(`${PROGRAM} ${spec.name}`)
    .usage(`${operand === undefined ? '' : `${usageOf(operand)} `}[options]`);
  command.description(`${summary}.`);
  if (operand !== undefined) command.argument(`[${operand.name}]`, operand.help);
  return [
    command.helpInformation().trimEnd(),
    ...(about === undefined ? [] : ['', ...about.split('\n').flatMap(wrap)]),
    '',
    EXITS,
  ].join('\n');
}

export function usageOf({ name, least, most }: NonNullable<CommandSpec['operand']>): string {
  const one = most > 1 ? `${name}...` : name;
  return least === 0 ? `[${one}]` : one;
}

function configured(command: Command): Command {
  return command.configureHelp({
    helpWidth: COLUMNS,
    // For the parser every value can be left out, so that it tells all mistakes; for people none can.
    optionTerm: ({ flags }: Option) => flags.replace(/\[(.+)\]$/, '$1'),
    subcommandTerm: (sub) => sub.name(),
  });
}

/** A line in lines of at most `COLUMNS`, between words; a shorter one stays as it is, with its columns. */
function wrap(line: string): string[] {
  if (line.length <= COLUMNS) return [line];
  const end = line.lastIndexOf(' ', COLUMNS);
  return [line.slice(0, end), ...wrap(line.slice(end + 1))];
}

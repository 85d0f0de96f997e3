import { Command, type Option } from 'commander';
import type { CommandSpec, World } from './command.ts';
import { commandOf } from './read-arguments.ts';

const PROGRAM = 'qure-dropoff';
const LEAST_COLUMNS = 60;
/** Longer lines are hard to read. */
const MOST_COLUMNS = 110;
/** Of a pipe or a file. */
const DEFAULT_COLUMNS = 80;

const ABOUT =
  'Drop CTs and X-rays, see where they are, and fetch what Qure.ai found. Without --api or --stack the commands call the host on this machine (qure-dropoff start).';

/** The exit codes of every command. */
export const EXITS = 'Exit codes: 0 done, 1 something needs you, 2 wrong use';

/** The width of help texts: that of the terminal, or COLUMNS, within bounds. */
export function helpColumns({ env, columns = 0 }: Pick<World, 'env' | 'columns'>): number {
  const known = [Number(env['COLUMNS']), columns].find((count) => count > 0) ?? DEFAULT_COLUMNS;
  return Math.min(MOST_COLUMNS, Math.max(LEAST_COLUMNS, Math.floor(known)));
}

/** What `qure-dropoff --help` prints, without a final line feed. */
export function programHelp(specs: readonly CommandSpec[], columns: number): string {
  const program = configured(new Command(PROGRAM).usage('<command> [options]').description(ABOUT), columns);
  program.option('-h, --help', 'show this text, or that of the command').helpOption(false);
  program.option('-V, --version', 'show the version');
  for (const spec of specs) {
    program.addCommand(new Command(spec.name).summary(spec.summary).helpGroup(`${spec.group}:`));
  }
  program.helpCommand(false);
  return [program.helpInformation().trimEnd(), '', EXITS].join('\n');
}

/** What `--help` of a command prints, without a final line feed. */
export function commandHelp(spec: CommandSpec, columns: number): string {
  const command = configured(commandOf(spec), columns);
  const { summary, about, operand } = spec;
  command
    .name(`${PROGRAM} ${spec.name}`)
    .usage(`${operand === undefined ? '' : `${usageOf(operand)} `}[options]`);
  command.description(`${summary}.`);
  if (operand !== undefined) command.argument(`[${operand.name}]`, operand.help);
  return [
    command.helpInformation().trimEnd(),
    ...(about === undefined ? [] : ['', ...paragraphsOf(about).flatMap((text) => wrap(text, columns))]),
    '',
    EXITS,
  ].join('\n');
}

export function usageOf({ name, least, most }: NonNullable<CommandSpec['operand']>): string {
  const one = most > 1 ? `${name}...` : name;
  return least === 0 ? `[${one}]` : one;
}

function configured(command: Command, columns: number): Command {
  return command.configureHelp({
    helpWidth: columns,
    // Below its own limit of 40 commander does not wrap at all.
    minWidthToWrap: 16,
    // For the parser every value can be left out, so that it tells all mistakes; for people none can.
    optionTerm: ({ flags }: Option) => flags.replace(/\[(.+)\]$/, '$1'),
    subcommandTerm: (sub) => sub.name(),
  });
}

/** Lines are joined, except those that begin with two blanks: one of these is a paragraph of its own. */
function paragraphsOf(text: string): string[] {
  const paragraphs: string[] = [];
  for (const line of text.split('\n')) {
    const before = paragraphs.at(-1) ?? '';
    const isOwn = line === '' || line.startsWith('  ') || before === '' || before.startsWith('  ');
    if (isOwn) paragraphs.push(line);
    else paragraphs[paragraphs.length - 1] = `${before} ${line}`;
  }
  return paragraphs;
}

/** In lines of at most so many columns, between words; the columns of a line that fits stay. */
function wrap(text: string, columns: number): string[] {
  if (text.length <= columns) return [text];
  const indent = text.startsWith('  ') ? '    ' : '';
  const end = text.lastIndexOf(' ', columns);
  // A word that is longer than the line.
  if (end <= indent.length) return [text];
  return [text.slice(0, end).trimEnd(), ...wrap(indent + text.slice(end).trimStart(), columns)];
}

import { Command, Option } from 'commander';
import { placesOfEnvironment, TARGET_ROWS, targetProblems } from '../target/target.ts';
import type { CommandSpec, World } from './command.ts';
import { Given } from './given.ts';
import { nearestName } from './nearest-name.ts';
import type { OptionRow } from './option-row.ts';
import { readOptionValue } from './option-value.ts';

const JSON_ROW: OptionRow = { name: 'json', value: { kind: 'flag' }, help: 'print JSON' };
const HELP_ROW: OptionRow = { name: 'help', value: { kind: 'flag' }, help: 'show this text and exit' };

const SHORT_NAMES: Record<string, string | undefined> = { help: '-h', version: '-V' };

/** Every option that a command takes, in the order of its help. */
export function rowsOf({ options, hasTarget, printsJson }: CommandSpec): OptionRow[] {
  return [
    ...options,
    ...(hasTarget === true ? TARGET_ROWS : []),
    ...(printsJson === true ? [JSON_ROW] : []),
    HELP_ROW,
  ];
}

/** The command as commander knows it. A value may be left out there: what is missing is told with the other mistakes. */
export function commandOf(spec: CommandSpec): Command {
  const command = new Command(spec.name).helpOption(false);
  for (const row of rowsOf(spec)) command.addOption(optionOf(row));
  return command;
}

function optionOf({ name, placeholder, help }: OptionRow): Option {
  const short = SHORT_NAMES[name];
  const flags = short === undefined ? `--${name}` : `${short}, --${name}`;
  return new Option(placeholder === undefined ? flags : `${flags} [${placeholder}]`, help);
}

/**
 * Reads what follows the name of a command. Each mistake is one line of `problems`, and all of them are there, so that a
 * command line is corrected once.
 */
export function readArguments(
  spec: CommandSpec,
  argv: readonly string[],
  env: World['env'],
): { given: Given; problems: readonly string[]; notes: readonly string[] } {
  const problems: string[] = [];
  const notes: string[] = [];
  const values = new Map<string, string[]>();
  const typedNames = new Set<string>();
  const rows = rowsOf(spec);
  const take = (row: OptionRow, typed: string | undefined): void => {
    typedNames.add(row.name);
    const read = readOptionValue(row, typed);
    if ('problem' in read) problems.push(read.problem);
    else values.set(row.name, [...(values.get(row.name) ?? []), read.value]);
  };
  const command = commandOf(spec);
  for (const row of rows)
    command.on(`option:${row.name}`, (typed?: string | null) => take(row, typed ?? undefined));
  const { operands, unknown } = command.parseOptions([...argv]);
  for (const typed of unknownOptions(unknown)) {
    const [name = '', ...value] = typed.split('=');
    const flag = rows.find((row) => `--${row.name}` === name);
    if (flag !== undefined) take(flag, value.join('='));
    else problems.push(unknownOption(name, rows));
  }
  const places = spec.hasTarget === true ? placesOfEnvironment(env, (name) => typedNames.has(name)) : [];
  for (const { name, variable, value } of places) {
    const row = rows.find((one) => one.name === name);
    if (row !== undefined) take(row, value);
    notes.push(`${variable}: ${value}`);
  }
  const given = new Given(operands, values, typedNames);
  if (given.has('help') || given.has('version')) return { given, problems: [], notes: [] };
  // What follows an unknown option may be its value.
  if (unknown.length === 0) problems.push(...operandProblems(spec, operands));
  if (spec.hasTarget === true) problems.push(...targetProblems(given));
  problems.push(...(spec.check?.(given, env) ?? []));
  return { given, problems, notes };
}

function unknownOptions(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? words.length : end).filter((word) => /^-./.test(word));
}

function unknownOption(typed: string, rows: readonly OptionRow[]): string {
  const nearest = nearestName(
    typed.replace(/^-+/, ''),
    rows.map(({ name }) => name),
  );
  const advice = nearest === undefined ? 'see --help' : `did you mean --${nearest}?`;
  return `expected an option of --help, got ${JSON.stringify(typed)}: ${advice}`;
}

function operandProblems({ operand }: CommandSpec, operands: readonly string[]): string[] {
  if (operand === undefined) {
    return operands.map((word) => `expected an option, got ${JSON.stringify(word)}: see --help`);
  }
  const { name, least, most, help, isPath } = operand;
  const empty = isPath === true ? 'a path, got an empty one: name a file, a folder or a zip archive' : name;
  if (operands.includes('')) return [`expected ${empty}`];
  if (operands.length < least) return [`expected ${name} (${help}), got ${operands.length || 'none'}`];
  if (operands.length > most)
    return [`expected ${most === 1 ? 'one' : `at most ${most}`} ${name}, got ${operands.length}`];
  return [];
}

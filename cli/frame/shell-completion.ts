import type { CommandSpec } from './command.ts';
import type { OptionRow } from './option-row.ts';
import { rowsOf } from './read-arguments.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion of the program for a shell, made of the table of the commands. */
export function shellCompletion(shell: Shell, specs: readonly CommandSpec[]): string {
  switch (shell) {
    case 'bash':
      return bash(specs);
    case 'zsh':
      return `#compdef qure-dropoff\nautoload -U +X bashcompinit && bashcompinit\n${bash(specs)}`;
    case 'fish':
      return fish(specs);
    default:
      return shell satisfies never;
  }
}

const choicesOf = ({ value }: OptionRow): readonly string[] =>
  value.kind === 'choice' || value.kind === 'choices' ? value.choices : [];

/** Values of these options are paths. */
const PATH_PLACEHOLDERS = ['FILE', 'DIR', 'FOLDER'];
const takesPath = ({ placeholder = '' }: OptionRow) => PATH_PLACEHOLDERS.includes(placeholder);

/** Also for zsh, which can read it. Names of commands and options have no character that a shell would read otherwise. */
function bash(specs: readonly CommandSpec[]): string {
  const cases = specs.map((spec) => {
    const rows = rowsOf(spec);
    const values = rows.filter((row) => choicesOf(row).length > 0);
    const paths = rows.filter(takesPath).map(({ name }) => `--${name}`);
    return [
      `    '${spec.name}')`,
      '      case "$previous" in',
      ...values.map(
        (row) =>
          `        --${row.name}) COMPREPLY=($(compgen -W '${choicesOf(row).join(' ')}' -- "$word")); return ;;`,
      ),
      ...(paths.length === 0
        ? []
        : [`        ${paths.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;`]),
      '      esac',
      `      words='${rows.map(({ name }) => `--${name}`).join(' ')}'`,
      ...(spec.operand?.isPath === true ? ['      files=1'] : []),
      ...(spec.name === 'completion' ? [`      words="$words ${SHELLS.join(' ')}"`] : []),
      '      ;;',
    ].join('\n');
  });
  return `_qure_dropoff() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -le 1 ]; then
    COMPREPLY=($(compgen -W '${firstWords(specs).join(' ')} --help --version' -- "$word"))
    return
  fi
${twoWords(specs)
  .map(
    ([first, seconds]) => `  if [ "$command" = '${first}' ]; then
    if [ "$COMP_CWORD" -eq 2 ]; then COMPREPLY=($(compgen -W '${seconds.join(' ')}' -- "$word")); return; fi
    command="$command \${COMP_WORDS[2]}"
  fi`,
  )
  .join('\n')}
  case "$command" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [ -n "$files" ]; then COMPREPLY+=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _qure_dropoff qure-dropoff`;
}

function fish(specs: readonly CommandSpec[]): string {
  const lines = ['complete -c qure-dropoff -f'];
  for (const first of firstWords(specs)) {
    const summary =
      specs.find(({ name }) => name === first)?.summary ??
      specs
        .filter(({ name }) => name.startsWith(`${first} `))
        .map(({ summary }) => summary)
        .join('; ');
    lines.push(`complete -c qure-dropoff -n __fish_use_subcommand -a ${first} -d ${quoted(summary)}`);
  }
  for (const [first, seconds] of twoWords(specs)) {
    const rest = `'__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${seconds.join(' ')}'`;
    lines.push(`complete -c qure-dropoff -n ${rest} -a '${seconds.join(' ')}'`);
  }
  for (const spec of specs) {
    const [first = '', second] = spec.name.split(' ');
    const seen = [first, second]
      .filter((word) => word !== undefined)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const when = `'${seen.join('; and ')}'`;
    for (const row of rowsOf(spec)) {
      const value =
        row.placeholder === undefined
          ? ''
          : choicesOf(row).length > 0
            ? ` -x -a '${choicesOf(row).join(' ')}'`
            : takesPath(row)
              ? ' -r -F'
              : ' -x';
      lines.push(`complete -c qure-dropoff -n ${when} -l ${row.name}${value} -d ${quoted(row.help)}`);
    }
    if (spec.operand?.isPath === true) lines.push(`complete -c qure-dropoff -n ${when} -F`);
    if (spec.name === 'completion')
      lines.push(`complete -c qure-dropoff -n ${when} -a '${SHELLS.join(' ')}'`);
  }
  return lines.join('\n');
}

function firstWords(specs: readonly CommandSpec[]): string[] {
  return [...new Set(specs.map(({ name }) => name.split(' ')[0] ?? ''))];
}

/** `rules` with `test` and `backtest`. */
function twoWords(specs: readonly CommandSpec[]): [string, string[]][] {
  return firstWords(specs).flatMap((first): [string, string[]][] => {
    const seconds = specs.flatMap(({ name }) => {
      const [one, two] = name.split(' ');
      return one === first && two !== undefined ? [two] : [];
    });
    return seconds.length === 0 ? [] : [[first, seconds]];
  });
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

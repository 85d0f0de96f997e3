import type { CallApi } from '../target/call-api.ts';
import type { Target } from '../target/target.ts';
import type { Given } from './given.ts';
import type { OptionRow } from './option-row.ts';

/** What a command is given of its surroundings. */
export interface World {
  /** A line on standard output: what was asked for. */
  print(line: string): void;
  /** A line on standard error: what goes on meanwhile, and what is wrong. */
  note(line: string): void;
  callerFor(target: Target): Promise<CallApi>;
  env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Of the terminal; absent where there is none. */
  columns?: number | undefined;
  /** Aborted when the user ends the command. */
  signal: AbortSignal;
}

export interface Operand {
  /** In the help text, for example `PATH`. */
  name: string;
  help: string;
  least: number;
  most: number;
  /** It names a file or a folder: shells complete it. */
  isPath?: true;
}

/** One command: its row in the help, the completion and docs/cli.md, and what it does. */
export interface CommandSpec {
  /** One word, or two: `rules test`. */
  name: string;
  group: 'Scans' | 'Results' | 'Repair' | 'Set-up';
  /** One line, as an order: `Lists studies or series`. */
  summary: string;
  /** What else the help says. Lines are joined to paragraphs; one that begins with two blanks stays a line of its own. */
  about?: string;
  operand?: Operand;
  options: readonly OptionRow[];
  /** It calls the API: it takes the options of `TARGET_ROWS`. */
  hasTarget?: true;
  /** It takes `--json`, which prints JSON alone. */
  printsJson?: true;
  /** Mistakes between options, besides those of each. */
  check?(given: Given, env: World['env']): readonly string[];
  /**
   * @returns the exit code: 0 done, 1 something needs the user
   * @throws UsageError for a mistake that is found later: 2
   */
  run(given: Given, world: World): Promise<number>;
}

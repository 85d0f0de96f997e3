/** How the value of an option is read. */
export type OptionKind =
  | { kind: 'flag' }
  | { kind: 'seconds' }
  | { kind: 'port' }
  | { kind: 'whole'; least: number; most: number }
  | { kind: 'choice'; choices: readonly string[] }
  /** One of the choices, or several with commas. */
  | { kind: 'choices'; choices: readonly string[] }
  /** The name of a product; in upper or lower case if it is built in. */
  | { kind: 'product' }
  /** A time (ISO 8601), or how long ago: `30d`, `12h`, `15m`. */
  | { kind: 'time' }
  /** An http or https URL. */
  | { kind: 'url' }
  | { kind: 'pattern'; pattern: RegExp; what: string }
  | { kind: 'text'; what: string };

export interface OptionRow {
  name: string;
  /** The placeholder of the value in the help text; absent for a flag. */
  placeholder?: string;
  value: OptionKind;
  help: string;
}

/** Longest time that a `SECONDS` option takes: a week. */
export const MAX_SECONDS = 604_800;

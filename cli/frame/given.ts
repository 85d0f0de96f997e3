/** What a command line has given a command: checked values. */
export class Given {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #typed: ReadonlySet<string>;

  /**
   * @param values by the names of options; a flag has an empty text
   * @param typed the names of all options that were typed, also of those whose value is wrong
   */
  constructor(
    operands: readonly string[],
    values: ReadonlyMap<string, readonly string[]>,
    typed: ReadonlySet<string>,
  ) {
    this.operands = operands;
    this.#values = values;
    this.#typed = typed;
  }

  /** Whether it was typed, if only with a wrong value: what is told of it already is not told to be missing. */
  isTyped(name: string): boolean {
    return this.#typed.has(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value that was given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Of an option that takes a number. */
  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** Each value that was given. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  names(): string[] {
    return [...this.#values.keys()];
  }
}

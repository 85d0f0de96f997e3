/** A step into a document: an attribute's name, a placeholder of one, or a place in a list. */
export type PathStep = { name: string } | { placeholder: string } | { index: number };
export type Path = readonly PathStep[];

export type Operand =
  | { kind: 'path'; path: Path }
  | { kind: 'value'; placeholder: string }
  | { kind: 'size'; path: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; condition: Condition }
  | { kind: 'compare'; comparator: Comparator; left: Operand; right: Operand }
  | { kind: 'between'; operand: Operand; low: Operand; high: Operand }
  | { kind: 'in'; operand: Operand; list: readonly Operand[] }
  | { kind: 'exists' | 'missing'; path: Path }
  | { kind: 'begins_with' | 'contains'; operand: Operand; part: Operand };

export type UpdateValue =
  | Operand
  | { kind: 'if_not_exists'; path: Path; otherwise: UpdateValue }
  | { kind: 'list_append'; left: UpdateValue; right: UpdateValue }
  | { kind: 'plus' | 'minus'; left: UpdateValue; right: UpdateValue };

export type UpdateAction =
  | { kind: 'set'; path: Path; value: UpdateValue }
  | { kind: 'remove'; path: Path }
  | { kind: 'add'; path: Path; placeholder: string };

/** A parsed expression with the placeholders that it uses. */
export interface Parsed<T> {
  readonly root: T;
  readonly usedNames: ReadonlySet<string>;
  readonly usedValues: ReadonlySet<string>;
}

import type { OptionRow } from './option-row.ts';

/** Of every command that changes something: `GET /v1/actions` shows it. */
export const COMMENT_ROW: OptionRow = {
  name: 'comment',
  placeholder: 'TEXT',
  value: { kind: 'pattern', pattern: /^.{1,500}$/su, what: 'a text of up to 500 characters' },
  help: 'why; the list of actions shows it',
};

export const SOURCE_ROW: OptionRow = {
  name: 'source',
  placeholder: 'S',
  value: { kind: 'pattern', pattern: /^.{1,64}$/su, what: 'the name of a source' },
  help: 'only of this source',
};

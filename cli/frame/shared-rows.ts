import type { OptionRow } from './option-row.ts';

/** Options of more than one command. A command may have a help of its own: `{ ...SOURCE_ROW, help }`. */

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

export const CONFIG_ROW: OptionRow = {
  name: 'config',
  placeholder: 'FILE',
  value: { kind: 'text', what: 'the name of the sources file' },
  help: 'sources file, instead of the QURE_* variables (default: none)',
};

export const DEFAULT_DATA_DIR = '.local';

export const DATA_DIR_ROW: OptionRow = {
  name: 'data-dir',
  placeholder: 'DIR',
  value: { kind: 'text', what: 'the folder for the data' },
  help: `folder of queues, tables and buckets (default: ${DEFAULT_DATA_DIR})`,
};

/** Of a command that lists. */
export function limitRow(most: number, help: string): OptionRow {
  return { name: 'limit', placeholder: 'N', value: { kind: 'whole', least: 1, most }, help };
}

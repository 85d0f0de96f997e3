import type { SeriesState } from '../../functions/series/series-facts.ts';

/** SGR codes that are distinguishable on dark and on light terminals. The name of the state is always shown too. */
const CODES: Record<SeriesState, string> = {
  RECEIVING: '36',
  COMPLETE: '36',
  UPLOADING: '34',
  COMPUTING: '35',
  DONE: '32',
  SKIPPED: '90',
  UNSUPPORTED: '33',
  FAILED: '31;1',
};

export type Paint = (text: string, state: SeriesState) => string;

/** Colours only for a terminal, and not if NO_COLOR has any value (https://no-color.org). */
export function paintFor(
  stream: { isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const isColoured = stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return isColoured ? (text, state) => `\x1b[${CODES[state]}m${text}\x1b[0m` : (text) => text;
}

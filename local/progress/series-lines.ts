import type { SeriesItem } from '../report.ts';
import type { Paint } from './state-colours.ts';
import { cleanText, columnsOf, cutEnd, cutMiddle, padOrCut } from './terminal-text.ts';

/** Enough for the longest state, UNSUPPORTED. */
const STATE_COLUMNS = 11;
const PRODUCT_COLUMNS = 4;
const UID_COLUMNS = 24;

/** `COMPLETE     qER   24 instances  1.2.840…12345  reason`, at most `columns` columns wide before painting. */
export function seriesLine(item: SeriesItem, columns: number, paint: Paint): string {
  const state = padOrCut(item.state, STATE_COLUMNS);
  const rest = [
    padOrCut(productOf(item), PRODUCT_COLUMNS),
    padOrCut(instancesOf(item), 14),
    cutMiddle(cleanText(item.seriesInstanceUid), UID_COLUMNS).padEnd(UID_COLUMNS),
    remarkOf(item),
  ].join('  ');
  const cut = cutEnd(`${state}  ${rest}`.trimEnd(), columns);
  return columns <= columnsOf(state)
    ? cut
    : paint(cut.slice(0, state.length), item.state) + cut.slice(state.length);
}

function productOf({ product, modality }: SeriesItem): string {
  return cleanText(product ?? modality ?? '') || '-';
}

function instancesOf({ instances }: SeriesItem): string {
  return instances === 1 ? '1 instance' : `${instances} instances`;
}

/** Facts for a person beside the state: the triage of a result and what it lacks, the reason why there is none, or what it waits for. */
export function remarkOf(item: SeriesItem): string {
  const generation = item.generation > 1 ? `generation ${item.generation}` : '';
  const invalid = item.isInvalidScan === true ? 'invalid scan' : '';
  const unread = item.unreadInstances === undefined ? '' : `${item.unreadInstances} unread`;
  const reason = cleanText([item.reason ?? '', item.detail ?? ''].filter((part) => part !== '').join(': '));
  const { heldBack } = item;
  const wait =
    heldBack === undefined || item.state === 'FAILED' ? '' : `waits (${cleanText(heldBack.reason)})`;
  const mark = item.isSimulated === true ? 'SIMULATED' : '';
  const parts = [mark, cleanText(item.triage ?? ''), invalid, unread, generation, wait, reason];
  return parts.filter((part) => part !== '').join(', ');
}

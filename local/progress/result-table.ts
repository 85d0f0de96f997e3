import type { QuarantineItem, SeriesItem } from '../report.ts';
import { remarkOf } from './series-lines.ts';
import type { Paint } from './state-colours.ts';
import { cleanText, columnsOf, cutEnd, cutMiddle, padOrCut } from './terminal-text.ts';

export interface TableOptions {
  /** Width of the terminal; infinite without one. */
  columns: number;
  paint: Paint;
  /** Quarantined objects that are listed; the rest is counted. */
  maxQuarantined?: number;
}

const GAP = '  ';
const MAX_UID_COLUMNS = 30;

interface Column {
  title: string;
  isNumber?: boolean;
  text(item: SeriesItem): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'STATE', text: (item) => item.state },
  { title: 'PRODUCT', text: (item) => cleanText(item.product ?? '') || '-' },
  { title: 'TRIAGE', text: (item) => cleanText(item.triage ?? '') || '-' },
  { title: 'MODALITY', text: (item) => cutEnd(cleanText(item.modality ?? ''), 8) || '-' },
  { title: 'INSTANCES', isNumber: true, text: (item) => String(item.instances) },
  { title: 'SERIES', text: (item) => cutMiddle(cleanText(item.seriesInstanceUid), MAX_UID_COLUMNS) },
];

/**
 * The table at the end of a run, a line per series in the given order, then what was quarantined. Texts from scans
 * are limited to what routing needs: no descriptions, which often name the patient.
 */
export function resultTable(
  series: readonly SeriesItem[],
  quarantined: readonly QuarantineItem[],
  options: TableOptions,
): string[] {
  const rows = series.map((item) => ({ item, cells: COLUMNS.map((column) => column.text(item)) }));
  const widths = COLUMNS.map((column, at) =>
    Math.max(column.title.length, ...rows.map(({ cells }) => columnsOf(cells[at] ?? ''))),
  );
  const layOut = (cells: readonly string[], remark: string): string => {
    const laidOut = cells.map((cell, at) => align(cell, widths[at] ?? 0, COLUMNS[at]?.isNumber === true));
    return cutEnd([...laidOut, remark].join(GAP).trimEnd(), options.columns);
  };
  const lines = rows.map(({ item, cells }) => {
    const line = layOut(cells, reasonOf(item));
    return options.paint(line.slice(0, item.state.length), item.state) + line.slice(item.state.length);
  });
  const head = layOut(
    COLUMNS.map(({ title }) => title),
    'REASON',
  );
  return [
    ...(rows.length === 0 ? ['no series'] : [head, ...lines]),
    ...quarantineLines(quarantined, options),
  ];
}

/** The triage has its own column here. */
function reasonOf({ triage: _triage, ...item }: SeriesItem): string {
  return remarkOf(item);
}

function quarantineLines(quarantined: readonly QuarantineItem[], options: TableOptions): string[] {
  if (quarantined.length === 0) return [];
  const shown = quarantined.slice(0, options.maxQuarantined ?? 20);
  const width = Math.max(...shown.map(({ reason }) => columnsOf(cleanText(reason))));
  const more = quarantined.length - shown.length;
  return [
    '',
    `QUARANTINED: ${quarantined.length} ${quarantined.length === 1 ? 'object' : 'objects'} that cannot be indexed`,
    ...shown.map(({ reason, key }) =>
      cutEnd(`${padOrCut(cleanText(reason), width)}${GAP}${cleanText(key)}`, options.columns),
    ),
    ...(more > 0 ? [`+${more} more: GET /v1/quarantine lists all`] : []),
  ];
}

function align(cell: string, width: number, isNumber: boolean): string {
  return isNumber ? cell.padStart(width) : padOrCut(cell, width);
}

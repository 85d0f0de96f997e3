import { costOf } from '../../functions/shared/prices.ts';
import { DAYS_A_MONTH, GB, HOURS_A_MONTH, type Kind, SIZES } from './assumptions.ts';
import type { CountedDesigns } from './count-all.ts';
import { countsOf, logBytesOf, type SeriesCost, scanBytesOf, totalOf } from './series-bill.ts';
import { gbMonths, RESTORABLE_DAYS } from './storage.ts';

/** Series a day. */
export interface Site {
  name: string;
  ctADay: number;
  xRaysADay: number;
}

/** Days that each thing is kept; `Infinity`: for ever. */
export interface Kept {
  scanDays: number;
  rowDays: number;
}

const MONTHS = 12;
/** The default of the stack. */
const LOG_DAYS = 30;

export interface YearCost {
  requestsAndTime: number;
  transfer: number;
  scans: number;
  rows: number;
  resultsAndLogs: number;
  fixed: number;
}

/** US dollars from one month to another, counted from the first drop; a year is 0 to 12. */
export function costBetween(
  { ct, xRay, rowBytes }: CountedDesigns,
  site: Site,
  { scanDays, rowDays }: Kept,
  fixedAMonth: number,
  [from, to]: readonly [number, number],
): YearCost {
  const kinds = [
    { series: ct, aMonth: site.ctADay * DAYS_A_MONTH },
    { series: xRay, aMonth: site.xRaysADay * DAYS_A_MONTH },
  ];
  const monthly = (of: (series: SeriesCost) => number) =>
    kinds.reduce((sum, { series, aMonth }) => sum + aMonth * of(series), 0);
  const stored = (bytes: (series: SeriesCost) => number, days: number) =>
    (monthly(bytes) / GB) * gbMonths(from, to, days);
  const restorable = Number.isFinite(scanDays) ? scanDays + RESTORABLE_DAYS : Infinity;
  const rows = stored(({ kind }) => rowBytes[kind], rowDays);
  return {
    requestsAndTime: (to - from) * monthly(totalOf),
    transfer: (to - from) * costOf('egress', monthly(scanBytesOf) / GB),
    scans: costOf('s3Storage', stored(scanBytesOf, restorable)),
    rows: costOf('dynamoStorage', rows) + costOf('dynamoBackup', rows),
    resultsAndLogs:
      costOf('s3Storage', stored(resultBytesOf, Infinity)) +
      costOf(
        'logStorage',
        stored((series) => logBytesOf(countsOf(series)), LOG_DAYS),
      ),
    fixed: (to - from) * fixedAMonth,
  };
}

export function yearOf(designs: CountedDesigns, site: Site, kept: Kept, fixedAMonth: number): YearCost {
  return costBetween(designs, site, kept, fixedAMonth, [0, MONTHS]);
}

export function sumOfYear(cost: YearCost): number {
  return Object.values(cost).reduce((sum: number, usd: number) => sum + usd, 0);
}

function resultBytesOf({ kind }: { kind: Kind }): number {
  return SIZES[kind].resultBytes;
}

/** Of a month with one gateway and its address. */
export function natMonth(): number {
  return costOf('natHour', HOURS_A_MONTH) + costOf('addressHour', HOURS_A_MONTH);
}

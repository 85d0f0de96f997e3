import { NONCURRENT_VERSION_RETENTION } from '../../infra/limits.ts';
import { DAYS_A_MONTH } from './assumptions.ts';

/** An expired object stays as an old version, which can be restored for so long and costs as much. */
export const RESTORABLE_DAYS = NONCURRENT_VERSION_RETENTION.toDays();

/**
 * GB-months that are billed between two moments, in months since the first drop, where one GB arrives in each month.
 *
 * @param keptDays how long each byte is stored; `Infinity` for ever
 */
export function gbMonths(from: number, to: number, keptDays: number): number {
  return gbMonthsUntil(to, keptDays / DAYS_A_MONTH) - gbMonthsUntil(from, keptDays / DAYS_A_MONTH);
}

/** The store grows for as long as nothing has expired, and stays as large from then on. */
function gbMonthsUntil(month: number, keptMonths: number): number {
  const growing = Math.min(month, keptMonths);
  const full = Math.max(0, month - keptMonths);
  return growing ** 2 / 2 + (full === 0 ? 0 : full * keptMonths);
}

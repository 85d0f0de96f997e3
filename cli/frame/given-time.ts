const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A time as it is typed, as an instant of the API: ISO 8601 (a day alone begins at midnight UTC), or how long before `nowMs`
 * (`30d`, `12h`, `15m`). `undefined` if it is none of these.
 */
export function instantOfTime(typed: string, nowMs: number): string | undefined {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(typed) ?? [];
  if (amount !== undefined) return new Date(nowMs - Number(amount) * (UNIT_MS[unit] ?? 0)).toISOString();
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(typed))
    return undefined;
  const at = Date.parse(typed);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

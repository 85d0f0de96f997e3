const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`: two units at most. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '0 s';
  if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY)
    return `${Math.floor(ms / HOUR)} h ${String(Math.floor((ms % HOUR) / MINUTE)).padStart(2, '0')} min`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
}

/** One unit: `13 h ago`. */
export function ago(ms: number): string {
  const [count, unit] = duration(ms).split(' ');
  return `${count} ${unit} ago`;
}

export function since(instant: string, now: number): string {
  return duration(now - Date.parse(instant));
}

/** Kept: to make it takes longer than to write the times of a whole list. */
let dateTimes: Intl.DateTimeFormat | undefined;

/** Date and time of the reader's place, to the second. */
export function dateTime(instant: string): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '';
  dateTimes ??= new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return dateTimes.format(date);
}

/** Of the reader's place, to the second. */
export function clockTimeOf(instant: string): string {
  return new Date(instant).toLocaleTimeString();
}

/** At the reader's place. */
export function isSameDay(one: string, other: string): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** Of the reader's place: `Europe/Berlin`. */
export function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** To the second; with the date where it is not of today. */
export function clockTime(ms: number): string {
  const instant = new Date(ms).toISOString();
  return isSameDay(instant, new Date().toISOString()) ? clockTimeOf(instant) : dateTime(instant);
}

/** With separators from a thousand on: the browser loads how to write them with the first number, which takes 10 to 20 ms. */
export function countText(count: number): string {
  return count < 1000 ? String(count) : count.toLocaleString();
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Bytes as a person reads them: `1.2 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const value = count / 1000 ** step;
  return `${value.toFixed(step === 0 || value >= 100 ? 0 : 1)} ${units[step]}`;
}

/** `this needs a role` as `This needs a role.` */
export function sentenceOf(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

/** Instants are ISO 8601 strings in UTC with milliseconds, so that they sort as text. */
export type Instant = string;

/** The clock of a deployment; tests and the simulation pass their own. */
export type Clock = () => Date;

export function addSeconds(instant: Instant, seconds: number): Instant {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}

/** Negative when `to` lies before `from`. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** The later of two instants. */
export function laterOf(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

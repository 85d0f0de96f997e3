import {
  type Arrival,
  ArrivedSeries,
  type Limits,
  learn,
  newSender,
  type SenderHistory,
} from '../src/index.ts';
import { noSilences, type Silences, withSilence } from '../src/silences.ts';

export const LIMITS: Limits = { floorSeconds: 3, quietSeconds: 60, longestSeconds: 600, holdSeconds: 600 };

export const AXIAL = [1, 0, 0, 0, 1, 0];

/** So many slices 0.1 s apart; `pauses` are seconds before the slice of that index, `headers` is what else it has. */
export function slices(
  count: number,
  {
    pauses = {},
    headers = () => ({}),
  }: { pauses?: Record<number, number>; headers?: (at: number) => Partial<Arrival> } = {},
): Arrival[] {
  let atMs = 0;
  return Array.from({ length: count }, (_, at) => {
    atMs += (pauses[at] ?? 0.1) * 1000;
    return { atMs, sopInstanceUid: `1.${at}`, ...headers(at) };
  });
}

export function arrivedOf(arrivals: readonly Arrival[]): ArrivedSeries {
  const arrived = new ArrivedSeries();
  for (const arrival of arrivals) arrived.add(arrival);
  return arrived;
}

/** Of each length in seconds, so many. */
export function silencesOf(longest: Record<number, number>): Silences {
  let silences = noSilences();
  for (const [seconds, times] of Object.entries(longest))
    for (let nth = 0; nth < times; nth += 1) silences = withSilence(silences, Number(seconds) * 1000);
  return silences;
}

/** A sender whose series had these longest silences, few and many instances alike. */
export function knownBy(longest: Record<number, number>, more: Partial<SenderHistory> = {}): SenderHistory {
  return { ...newSender(), few: silencesOf(longest), many: silencesOf(longest), ...more };
}

export function learnTimes(
  history: SenderHistory,
  times: number,
  arrivals: readonly Arrival[],
  modality = 'CT',
): SenderHistory {
  let known = history;
  for (let nth = 0; nth < times; nth += 1) known = learn(known, arrivals, LIMITS, modality).history;
  return known;
}

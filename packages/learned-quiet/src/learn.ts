import type { Arrival } from './arrival.ts';
import { ArrivedSeries, FEW } from './arrived-series.ts';
import { holdOf, judgeSilence, type Limits, leastSeconds } from './judge-silence.ts';
import { type Dirt, distrust, type SenderHistory } from './sender-history.ts';
import { withSilence } from './silences.ts';

/** What this rule would have done with a series of which all has come. */
export interface Hindsight {
  /** It would have called the series complete before its last arrival. */
  wasPremature: boolean;
  /** From the last arrival to its decision. */
  waitSeconds: number;
}

/** No shorter silence can be told from none: the first length that is counted. */
const SHORTEST_MS = 1_000;
const RECENT_SERIES = 500;
/** A sender whose headers change their meaning is waited for in vain until its detector is not heard any more. */
const DIRT_SERIES = 100;

/** A whole series is learned once, when its last arrival is so long ago that no other is expected. */
export function learn(
  history: SenderHistory,
  arrivals: readonly Arrival[],
  limits: Limits,
  modality: string | undefined,
): { history: SenderHistory; hindsight: Hindsight } {
  const ordered = [...arrivals].sort((a, b) => a.atMs - b.atMs);
  const arrived = new ArrivedSeries();
  const longestMs = { few: 0, many: 0 };
  // As the rule judges without what a wrong guess has brought: the guess was made before that, and counts.
  const trusted = { ...history, distrusted: 0, recent: { series: 0, premature: 0 } };
  const leastMs = leastSeconds(trusted, limits) * 1000;
  let wasPremature = false;
  for (const [atMs, together] of Map.groupBy(ordered, (arrival) => arrival.atMs)) {
    const gapMs = arrived.lastMs === undefined ? 0 : atMs - arrived.lastMs;
    // Whatever silence repeated instances end, nothing of the series was missing for it.
    if (gapMs >= SHORTEST_MS && together.some(({ sopInstanceUid }) => !arrived.has(sopInstanceUid))) {
      const state = arrived.instances <= FEW ? 'few' : 'many';
      // Positions are looked at where it matters: to sort them at each gap is slow for thousands.
      if (gapMs > longestMs[state] && holdOf(arrived, history) === undefined) longestMs[state] = gapMs;
      if (gapMs > leastMs && gapMs > judgeSilence(arrived, trusted, limits, modality).seconds * 1000)
        wasPremature = true;
    }
    for (const arrival of together) arrived.add(arrival);
  }
  const { seconds: waitSeconds } = judgeSilence(arrived, history, limits, modality);
  const { instances, expected, hasNumberHole, hasPositionHole } = arrived;
  const isStack = instances > FEW;
  const learned: SenderHistory = {
    few: withSilence(history.few, longestMs.few),
    many: isStack ? withSilence(history.many, longestMs.many) : history.many,
    claims:
      isStack && expected !== undefined ? claimsWith(history.claims, expected === instances) : history.claims,
    numbers: isStack ? dirtWith(history.numbers, hasNumberHole) : history.numbers,
    positions: isStack ? dirtWith(history.positions, hasPositionHole) : history.positions,
    distrusted: Math.max(0, history.distrusted - 1),
    recent: {
      series: history.recent.series * (1 - 1 / RECENT_SERIES) + 1,
      premature: history.recent.premature * (1 - 1 / RECENT_SERIES) + (wasPremature ? 1 : 0),
    },
  };
  return { history: wasPremature ? distrust(learned) : learned, hindsight: { wasPremature, waitSeconds } };
}

function claimsWith({ right, wasWrong }: SenderHistory['claims'], isRight: boolean): SenderHistory['claims'] {
  return isRight ? { right: right + 1, wasWrong } : { right: 0, wasWrong: true };
}

function dirtWith(dirt: Dirt, isHoled: boolean): Dirt {
  const fade = dirt.clean + dirt.holed >= DIRT_SERIES ? 0.5 : 1;
  const clean = Math.floor(dirt.clean * fade);
  const holed = Math.floor(dirt.holed * fade);
  return isHoled ? { clean, holed: holed + 1 } : { clean: clean + 1, holed };
}

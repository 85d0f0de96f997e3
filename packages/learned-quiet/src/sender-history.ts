import { noSilences, type Silences } from './silences.ts';

/** What is known of a sender from its past series. Plain data, about 200 bytes as JSON. */
export interface SenderHistory {
  /** The longest silences while one or two instances were there, and while more were: a localizer or a first view stands alone. */
  few: Silences;
  many: Silences;
  /** Claims of the headers: right ones in a row, and whether one was ever wrong. */
  claims: { right: number; wasWrong: boolean };
  /** Whole series without and with a hole. */
  numbers: Dirt;
  positions: Dirt;
  /** So many of the next series are given the whole quiet period. */
  distrusted: number;
  /** How often this rule was wrong of late: both counts fade with the last 500 series. */
  recent: { series: number; premature: number };
}

export interface Dirt {
  clean: number;
  holed: number;
}

export function newSender(): SenderHistory {
  return {
    few: noSilences(),
    many: noSilences(),
    claims: { right: 0, wasWrong: false },
    numbers: { clean: 0, holed: 0 },
    positions: { clean: 0, holed: 0 },
    distrusted: 0,
    recent: { series: 0, premature: 0 },
  };
}

/** After a wrong guess. */
const DISTRUSTED_SERIES = 20;

/** An instance came after the series had been called complete: the next series are given more time, until the sender has proven itself. */
export function distrust(history: SenderHistory): SenderHistory {
  return { ...history, distrusted: Math.max(history.distrusted, DISTRUSTED_SERIES) };
}

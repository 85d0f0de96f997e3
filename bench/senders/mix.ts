import type { TracedArrival } from '@qure-dropoff/learned-quiet';
import { Chance } from './chance.ts';
import type { SenderKind } from './kinds.ts';
import { headerHabit, type SentImage } from './scan.ts';

export interface MixOptions {
  seed: number;
  sourcesOfKind: number;
  studiesOfSource: number;
  background?: Background;
}

/** Of every kind: shares of series of which some images are sent again late (`tail`: all the last ones), which stall, and of which a slice never comes. */
export interface Background {
  late: number;
  stall: number;
  lost: number;
  tail: number;
}

/** One source with its habit; its arrivals in the order of time. */
export interface SenderTrace {
  kind: SenderKind;
  arrivals: TracedArrival[];
  /** The first series after the last change of habit: the how manieth of the source, from 0. */
  changedAt: number;
}

export const BACKGROUND: Background = { late: 0.001, stall: 0.001, lost: 0.003, tail: 0.3 };
const MINUTES_BETWEEN_STUDIES = 25;

export function senderTraces(
  kind: SenderKind,
  { seed, sourcesOfKind, studiesOfSource, background = BACKGROUND }: MixOptions,
): SenderTrace[] {
  return Array.from({ length: sourcesOfKind }, (_, number) =>
    sourceTrace(`${kind.name} ${number + 1}`, seed, [{ kind, studies: studiesOfSource }], background),
  );
}

/** A source that sends so many studies in one way, and then in the next; its stations and its headers stay the same. */
export function sourceTrace(
  source: string,
  seed: number,
  habits: readonly [{ kind: SenderKind; studies: number }, ...{ kind: SenderKind; studies: number }[]],
  background: Background,
): SenderTrace {
  const chance = new Chance(hashOf(`${seed} ${source}`));
  const stations = chance.between(1, 2);
  const header = headerHabit(chance, habits[0].kind.modality);
  const trace: SenderTrace = { kind: habits[0].kind, arrivals: [], changedAt: 0 };
  let begin = 0;
  let sent = 0;
  for (const { kind, studies } of habits) {
    const sendStudy = kind.source(chance, header);
    trace.kind = kind;
    trace.changedAt = sent;
    for (let study = 1; study <= studies; study += 1) {
      begin += chance.exponential(MINUTES_BETWEEN_STUDIES * 60);
      const station = `${source} station ${chance.between(1, stations)}`;
      for (const images of Map.groupBy(sendStudy(chance), (image) => image.series).values()) {
        const series = `${source} ${sent}`;
        sent += 1;
        for (const [nth, image] of withBackground(chance, images, background).entries())
          trace.arrivals.push(toArrival(image, nth, begin, series, station, kind));
      }
    }
  }
  trace.arrivals.sort((a, b) => a.atMs - b.atMs);
  return trace;
}

function withBackground(chance: Chance, images: readonly SentImage[], background: Background): SentImage[] {
  let kept = [...images].sort((a, b) => a.seconds - b.seconds);
  if (kept.length > 2 && chance.is(background.lost)) kept.splice(chance.between(1, kept.length - 2), 1);
  if (kept.length > 1 && chance.is(background.stall)) {
    const at = chance.between(1, kept.length - 1);
    const seconds = chance.from(10, 50);
    kept = kept.map((image, nth) => (nth < at ? image : { ...image, seconds: image.seconds + seconds }));
  }
  if (kept.length > 1 && chance.is(background.late)) {
    const at = chance.between(1, kept.length - 1);
    const end = (kept.at(-1)?.seconds ?? 0) + chance.from(30, 600);
    const last = chance.is(background.tail) ? kept.length : at + 1;
    kept = kept.map((image, nth) =>
      nth >= at && nth < last ? { ...image, seconds: end + (nth - at) * 0.1 } : image,
    );
  }
  return kept;
}

function toArrival(
  { seconds, instanceNumber, position, orientation, expected }: SentImage,
  nth: number,
  begin: number,
  series: string,
  sender: string,
  { modality }: SenderKind,
): TracedArrival {
  return {
    atMs: Math.round((begin + seconds) * 1000),
    series,
    sender,
    modality,
    sopInstanceUid: `${series}.${nth}`,
    ...(instanceNumber === undefined ? {} : { number: instanceNumber }),
    ...(position === undefined ? {} : { positionMm: position }),
    ...(orientation === undefined ? {} : { orientation }),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

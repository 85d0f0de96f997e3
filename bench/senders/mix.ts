import type { TracedArrival } from '@qure-dropoff/learned-quiet';
import { Chance } from './chance.ts';
import type { SenderKind } from './kinds.ts';
import { headerHabit, type SentImage } from './scan.ts';

export interface MixOptions {
  seed: number;
  sourcesOfKind: number;
  studiesOfSource: number;
}

/** One source with its habit; its arrivals in the order of time. */
export interface SenderTrace {
  kind: SenderKind;
  arrivals: TracedArrival[];
}

/** Of every kind: series of which some images are sent again late, which stall, and of which a slice never comes. */
const BACKGROUND = { late: 0.001, stall: 0.001, lost: 0.003, tail: 0.3 };
const MINUTES_BETWEEN_STUDIES = 25;

export function senderTraces(
  kind: SenderKind,
  { seed, sourcesOfKind, studiesOfSource }: MixOptions,
): SenderTrace[] {
  return Array.from({ length: sourcesOfKind }, (_, number) => {
    const source = `${kind.name} ${number + 1}`;
    const chance = new Chance(hashOf(`${seed} ${source}`));
    const stations = chance.between(1, 2);
    const habit = headerHabit(chance, kind.modality);
    const sendStudy = kind.source(chance, habit);
    const arrivals: TracedArrival[] = [];
    let begin = 0;
    for (let study = 1; study <= studiesOfSource; study += 1) {
      begin += chance.exponential(MINUTES_BETWEEN_STUDIES * 60);
      const station = `${source} station ${chance.between(1, stations)}`;
      const series = Map.groupBy(sendStudy(chance), (image) => image.series);
      for (const [at, images] of series)
        arrivals.push(
          ...withBackground(chance, images).map((image, nth) =>
            toArrival(image, nth, begin, `${source} ${study}.${at}`, station, kind),
          ),
        );
    }
    return { kind, arrivals: arrivals.sort((a, b) => a.atMs - b.atMs) };
  });
}

function withBackground(chance: Chance, images: readonly SentImage[]): SentImage[] {
  let kept = [...images].sort((a, b) => a.seconds - b.seconds);
  if (kept.length > 2 && chance.is(BACKGROUND.lost)) kept.splice(chance.between(1, kept.length - 2), 1);
  if (kept.length > 1 && chance.is(BACKGROUND.stall)) {
    const at = chance.between(1, kept.length - 1);
    const seconds = chance.from(10, 50);
    kept = kept.map((image, nth) => (nth < at ? image : { ...image, seconds: image.seconds + seconds }));
  }
  if (kept.length > 1 && chance.is(BACKGROUND.late)) {
    const at = chance.between(1, kept.length - 1);
    const end = (kept.at(-1)?.seconds ?? 0) + chance.from(30, 600);
    const last = chance.is(BACKGROUND.tail) ? kept.length : at + 1;
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

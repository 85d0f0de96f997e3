import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { TracedArrival } from '@qure-dropoff/learned-quiet';
import * as z from '../../functions/shared/schema.ts';

/** A file that is no trace of arrivals; its message names the line. */
export class TraceError extends Error {}

/** The arrivals of a file, in the order of its lines. A series UID under two sources is two series. */
export interface Trace {
  arrivals: TracedArrival[];
  /** By the name of a series in `arrivals`. */
  series: ReadonlyMap<string, TracedSeries>;
}

export interface TracedSeries {
  uid: string;
  source: string;
  /** Another source has this UID too. */
  isShared: boolean;
}

/** The range of a Date, ECMA-262 section 21.4.1.1. */
const MOST_MS = 8.64e15;
const text = z.string().check(z.minLength(1));
const header = z.nullish(z.number());

const lineSchema = z.object({
  atMs: z.number().check(z.minimum(-MOST_MS), z.maximum(MOST_MS)),
  source: text,
  station: z.nullish(z.string()),
  series: text,
  sop: text,
  modality: z.nullish(z.string()),
  instanceNumber: header,
  position: z.nullish(z.array(z.number()).check(z.length(3))),
  orientation: z.nullish(z.array(z.number()).check(z.length(6))),
  expected: header,
});
type Line = z.infer<typeof lineSchema>;

const EXPECTED: Record<string, string> = {
  atMs: 'a number of milliseconds',
  source: 'a text',
  station: 'a text or nothing',
  series: 'a text',
  sop: 'a text',
  modality: 'a text or nothing',
  instanceNumber: 'a number or nothing',
  position: 'three numbers or nothing',
  orientation: 'six numbers or nothing',
  expected: 'a number or nothing',
};

/** @throws {TraceError} for the first line that is no arrival */
export async function readTrace(path: string): Promise<Trace> {
  const arrivals: TracedArrival[] = [];
  const series = new Map<string, TracedSeries>();
  const firstOfUid = new Map<string, TracedSeries>();
  const once = interner();
  const planes = new Map<string, readonly number[]>();
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const raw of lines) {
    number += 1;
    // Some programs of Windows write a byte order mark.
    const line = number === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (line.trim() === '') continue;
    const arrival = parseLine(line, `${path}, line ${number}`);
    const name = once(JSON.stringify([arrival.source, arrival.series]));
    if (!series.has(name)) {
      const first = firstOfUid.get(arrival.series);
      if (first !== undefined) first.isShared = true;
      const traced = { uid: arrival.series, source: arrival.source, isShared: first !== undefined };
      series.set(name, traced);
      firstOfUid.set(arrival.series, first ?? traced);
    }
    arrivals.push(toArrival(arrival, name, once, planes));
  }
  return { arrivals, series };
}

function parseLine(line: string, where: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TraceError(`${where}: expected an object in JSON, got ${shown(line)}`);
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0] ?? '');
  const got = name === '' ? value : (value as Record<string, unknown>)[name];
  const expected = EXPECTED[name] ?? 'an object in JSON';
  throw new TraceError(
    `${where}: ${name === '' ? '' : `${name}: `}expected ${expected}, got ${shown(JSON.stringify(got))}`,
  );
}

function shown(found: string | undefined): string {
  if (found === undefined) return 'nothing';
  return found.length > 80 ? `${found.slice(0, 80)}…` : found;
}

/** A million lines name few series, senders and planes: each is kept once. */
function toArrival(
  { atMs, source, station, sop, modality, instanceNumber, position, orientation, expected }: Line,
  series: string,
  once: (name: string) => string,
  planes: Map<string, readonly number[]>,
): TracedArrival {
  const arrival: TracedArrival = {
    atMs,
    series,
    sender: once(JSON.stringify([source, station ?? null, modality ?? null])),
    sopInstanceUid: sop,
  };
  if (typeof modality === 'string') arrival.modality = once(modality);
  if (typeof instanceNumber === 'number') arrival.number = instanceNumber;
  if (Array.isArray(position)) arrival.positionMm = position;
  if (Array.isArray(orientation)) {
    const key = orientation.join(' ');
    const plane = planes.get(key) ?? orientation;
    planes.set(key, plane);
    arrival.orientation = plane;
  }
  if (typeof expected === 'number') arrival.expected = expected;
  return arrival;
}

function interner(): (name: string) => string {
  const names = new Map<string, string>();
  return (name) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, name);
    return name;
  };
}

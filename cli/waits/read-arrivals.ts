import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { ApiCallError, type CallApi } from '../target/call-api.ts';
import { readPages } from '../target/read-pages.ts';

/** One instance as `npm run completion` reads it: a line of a trace. */
export interface TraceLine {
  atMs: number;
  source: string;
  station?: string;
  study: string;
  series: string;
  sop: string;
  modality?: string;
  instanceNumber?: number;
  position?: readonly number[];
  orientation?: readonly number[];
  expected?: number;
}

const series = z.object({
  source: z.string(),
  seriesInstanceUid: z.string(),
  state: z.string(),
  instances: z.number(),
  evidence: z.optional(z.string()),
});
const page = z.object({
  studyInstanceUid: z.string(),
  sender: z.optional(z.string()),
  modality: z.optional(z.string()),
  items: z.array(
    z.object({
      arrivedAt: z.iso.datetime(),
      sopInstanceUid: z.string(),
      instanceNumber: z.optional(z.number()),
      imagePositionMm: z.optional(z.array(z.number())),
      imageOrientation: z.optional(z.array(z.number())),
      expectedInstances: z.optional(z.number()),
    }),
  ),
  cursor: z.optional(z.string()),
});

const SERIES_AT_ONCE = 8;
const PAGE = 5000;

export interface ReadArrivals {
  lines: TraceLine[];
  series: number;
  /** Of which a marker or a count said that they were whole, by source and SeriesInstanceUID (`seriesKey`). */
  marked: ReadonlySet<string>;
  /** Series of which the rows have expired, all or some. */
  unknown: number;
  isComplete: boolean;
}

export function seriesKey(source: string, seriesInstanceUid: string): string {
  return `${source} ${seriesInstanceUid}`;
}

/**
 * The arrivals of the newest series that do not receive any more, as the rows of a deployment tell them.
 *
 * @param onSeries is told how many series are read
 */
export async function readArrivals(
  call: CallApi,
  query: Readonly<Record<string, string>>,
  most: number,
  onSeries: (count: number) => void,
): Promise<ReadArrivals> {
  const { items, isComplete } = await readPages(call, { path: '/v1/series', query }, series, most);
  const ended = items.filter(({ state }) => state !== 'RECEIVING');
  let read = 0;
  const each = await mapConcurrently(ended, SERIES_AT_ONCE, async (one) => {
    const lines = await arrivalsOf(call, one).catch((error: unknown) => {
      // It has expired since it was listed.
      if (error instanceof ApiCallError && error.status === 404) return [];
      throw error;
    });
    read += 1;
    onSeries(read);
    // A part of a series would look like one with holes.
    return lines.length < one.instances ? [] : lines;
  });
  const unknown = each.filter((lines) => lines.length === 0).length;
  const marked = ended
    .filter(({ evidence }) => evidence === 'marker')
    .map(({ source, seriesInstanceUid }) => seriesKey(source, seriesInstanceUid));
  const lines = each.flat();
  return { lines, series: ended.length - unknown, marked: new Set(marked), unknown, isComplete };
}

async function arrivalsOf(
  call: CallApi,
  { source, seriesInstanceUid }: z.infer<typeof series>,
): Promise<TraceLine[]> {
  const path = `/v1/series/${encodeURIComponent(seriesInstanceUid)}/arrivals`;
  const lines: TraceLine[] = [];
  let cursor: string | undefined;
  do {
    const query = { source, limit: String(PAGE), ...defined({ cursor }) };
    const answer = page.parse(await call({ method: 'GET', path, query }));
    const { studyInstanceUid: study, sender: station, modality } = answer;
    for (const item of answer.items) {
      lines.push({
        atMs: Date.parse(item.arrivedAt),
        source,
        ...defined({ station }),
        study,
        series: seriesInstanceUid,
        sop: item.sopInstanceUid,
        ...defined({
          modality,
          instanceNumber: item.instanceNumber,
          position: item.imagePositionMm,
          orientation: item.imageOrientation,
          expected: item.expectedInstances,
        }),
      });
    }
    cursor = answer.cursor;
  } while (cursor !== undefined);
  return lines;
}

import * as z from 'zod';
import { mapConcurrently } from '../../functions/shared/concurrency.ts';
import { defined } from '../../functions/shared/defined.ts';
import type { CallApi } from '../target/call-api.ts';
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

const series = z.object({ source: z.string(), seriesInstanceUid: z.string(), state: z.string() });
const page = z.object({
  studyInstanceUid: z.string(),
  sender: z.string().optional(),
  modality: z.string().optional(),
  items: z.array(
    z.object({
      arrivedAt: z.iso.datetime(),
      sopInstanceUid: z.string(),
      instanceNumber: z.number().optional(),
      imagePositionMm: z.array(z.number()).optional(),
      imageOrientation: z.array(z.number()).optional(),
      expectedInstances: z.number().optional(),
    }),
  ),
  cursor: z.string().optional(),
});

const SERIES_AT_ONCE = 8;

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
): Promise<{ lines: TraceLine[]; series: number; unknown: number; isComplete: boolean }> {
  const { items, isComplete } = await readPages(call, { path: '/v1/series', query }, series, most);
  const ended = items.filter(({ state }) => state !== 'RECEIVING');
  let read = 0;
  const each = await mapConcurrently(ended, SERIES_AT_ONCE, async (one) => {
    const lines = await arrivalsOf(call, one);
    read += 1;
    onSeries(read);
    return lines;
  });
  const unknown = each.filter((lines) => lines.length === 0).length;
  return { lines: each.flat(), series: ended.length - unknown, unknown, isComplete };
}

async function arrivalsOf(
  call: CallApi,
  { source, seriesInstanceUid }: z.infer<typeof series>,
): Promise<TraceLine[]> {
  const path = `/v1/series/${encodeURIComponent(seriesInstanceUid)}/arrivals`;
  const lines: TraceLine[] = [];
  let cursor: string | undefined;
  do {
    const query = { source, ...defined({ cursor }) };
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

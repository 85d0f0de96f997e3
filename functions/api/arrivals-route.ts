import { arrivalsOf } from '../completion/awaited-silence.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { senderOf } from '../instances/sender.ts';
import { unexpired } from '../series/judged-set.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { defined } from '../shared/defined.ts';
import type { Clock } from '../shared/time.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import type { ParametersOf } from './requests.ts';
import { findOne } from './series-routes.ts';

export interface ArrivalsRouteDeps {
  series: SeriesStore;
  instances: Pick<InstanceStore, 'ofSeries'>;
  clock: Clock;
}

/**
 * `GET /v1/series/{uid}/arrivals`: when each instance of a series came, and what its header says of its place in it: what the learned
 * wait is judged by. In the order of SOPInstanceUIDs, since an instance may come while pages are read.
 */
export async function listArrivals(
  deps: ArrivalsRouteDeps,
  { uid, source, limit, cursor }: ParametersOf<'listArrivals'>,
): Promise<Answer<'Arrivals'>> {
  const series = await findOne(deps, uid, source);
  const { place = '', bind } = bindCursor(cursor, 'arrivals', { source: series.source, uid });
  const now = deps.clock().toISOString();
  const rows = unexpired(await deps.instances.ofSeries(series, 'eventual'), now);
  const [first] = rows;
  const left = arrivalsOf(rows)
    .filter(({ sopInstanceUid }) => sopInstanceUid > place)
    .sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  const page = left.slice(0, limit);
  const last = page.at(-1);
  return {
    source: series.source,
    studyInstanceUid: series.studyInstanceUid,
    seriesInstanceUid: uid,
    ...defined({ sender: series.sender ?? (first && senderOf(first)), modality: first?.modality }),
    items: page.map((one) => ({
      arrivedAt: new Date(one.atMs).toISOString(),
      sopInstanceUid: one.sopInstanceUid,
      ...defined({
        instanceNumber: one.number,
        imagePositionMm: one.positionMm && [...one.positionMm],
        imageOrientation: one.orientation && [...one.orientation],
        expectedInstances: one.expected,
      }),
    })),
    ...(last === undefined || left.length === page.length ? {} : { cursor: bind(last.sopInstanceUid) }),
  };
}

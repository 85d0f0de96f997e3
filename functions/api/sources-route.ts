import type { SourceStateStore } from '../admission/source-state.ts';
import { FINAL_STATES, SERIES_STATES } from '../series/series-facts.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import type { Clock } from '../shared/time.ts';
import type { LoadSources } from '../sources/source.ts';
import type { Answer } from './answers.ts';
import type { ParametersOf } from './requests.ts';
import { requireSource } from './series-routes.ts';
import { toSourceView } from './source-view.ts';

export interface SourcesRouteDeps {
  series: Pick<SeriesStore, 'count'>;
  sourceStates: SourceStateStore;
  loadSources: LoadSources;
  clock: Clock;
}

/** Each makes sixteen queries for its backlog, and one read. */
const SOURCES_AT_ONCE = 8;
const OPEN_STATES = SERIES_STATES.filter((state) => !FINAL_STATES.includes(state));

/** `GET /v1/sources` */
export async function listSources(
  deps: SourcesRouteDeps,
  { source: name }: ParametersOf<'listSources'>,
): Promise<Answer<'Sources'>> {
  await requireSource(deps, name);
  const sources = await deps.loadSources();
  const now = deps.clock().toISOString();
  const items = await mapConcurrently(
    sources.filter((source) => name === undefined || source.name === name),
    SOURCES_AT_ONCE,
    async (source) => {
      const [{ state }, backlog] = await Promise.all([
        deps.sourceStates.decide(source.name, (standing) => ({ state: standing })),
        deps.series.count({ source: source.name, states: OPEN_STATES }),
      ]);
      return toSourceView(source, state, backlog, now);
    },
  );
  return { items };
}

import { type Answer, get } from '../shared/api.ts';
import { Link } from '../shared/link.tsx';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';
import { STAGES } from '../worklist/filters.ts';
import { countInWords, stateTitle } from './words.ts';

const REFRESH_MS = 10_000;

/** The filter of the worklist that shows them. */
function stageOf(wanted: Answer<'StateCount'>['state']): string | undefined {
  return STAGES.find(({ states }) => states.some((state) => state === wanted))?.name;
}

/** How many series each state has, over all sources that the person may read. */
export function Counts() {
  const asked = useAnswer(REFRESH_MS, (signal) => get('SeriesCounts', '/v1/series/counts', {}, signal));
  return (
    <div class="group">
      <h3>Series by state</h3>
      <TroubleOf asked={asked} />
      {asked.answer.value !== undefined && <Table counts={asked.answer.value.counts} />}
    </div>
  );
}

function Table({ counts }: Answer<'SeriesCounts'>) {
  return (
    <dl class="counts">
      {counts.map((one) => (
        <div key={one.state} class={`${one.state.toLowerCase()} ${one.count === 0 ? 'is-none' : ''}`}>
          <dt>{stateTitle(one.state)}</dt>
          <dd>
            <Link
              href={`/?stage=${stageOf(one.state)}`}
              aria-label={`${countInWords(one)} ${stateTitle(one.state)}: their studies`}
            >
              {countInWords(one)}
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}

import { type Answer, get } from '../shared/api.ts';
import { Trouble } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';
import { countInWords, stateTitle } from './words.ts';

const REFRESH_MS = 10_000;

/** How many series each state has, over all sources that the person may read. */
export function Counts() {
  const { answer, trouble } = useAnswer(REFRESH_MS, (signal) =>
    get('SeriesCounts', '/v1/series/counts', {}, signal),
  );
  return (
    <div class="group">
      <h3>Series by state</h3>
      <Trouble text={trouble.value} />
      {answer.value !== undefined && <Table counts={answer.value.counts} />}
    </div>
  );
}

function Table({ counts }: Answer<'SeriesCounts'>) {
  return (
    <dl class="counts">
      {counts.map((one) => (
        <div key={one.state} class={one.count === 0 ? 'is-none' : ''}>
          <dt>{stateTitle(one.state)}</dt>
          <dd>{countInWords(one)}</dd>
        </div>
      ))}
    </dl>
  );
}

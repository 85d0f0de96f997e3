import type { ComponentChildren } from 'preact';
import { type Answer, get } from '../shared/api.ts';
import { now } from '../shared/clock.ts';
import { dateTime, duration, since } from '../shared/format.ts';
import { Scroll } from '../shared/scroll.tsx';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';
import { reasonInWords } from '../shared/words.ts';
import { Bar } from './bar.tsx';
import { countInWords, stateTitle } from './words.ts';

type Source = Answer<'Source'>;

/** The server makes many reads for each source. */
const REFRESH_MS = 30_000;

export function Sources() {
  const asked = useAnswer(REFRESH_MS, (signal) => get('Sources', '/v1/sources', {}, signal));
  const items = asked.answer.value?.items ?? [];
  return (
    <div class="group">
      <h3 id="sources-title">Sources</h3>
      <TroubleOf asked={asked} />
      {asked.answer.value !== undefined && items.length === 0 && <p>There is no source.</p>}
      {items.length > 0 && (
        <Scroll labelledBy="sources-title">
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">Calls to Qure</th>
                <th scope="col">With Qure now</th>
                <th scope="col">Daily budget</th>
                <th scope="col">Not finished</th>
                <th scope="col">Promise</th>
              </tr>
            </thead>
            <tbody>
              {items.map((source) => (
                <Row key={source.name} source={source} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </div>
  );
}

function Row({ source }: { source: Source }) {
  const { name, delivery, products, serviceLevelMinutes, concurrency, dailyBudget, backlog } = source;
  const open = backlog.filter(({ count }) => count > 0);
  return (
    <tr>
      <th scope="row">
        <bdi class="breakable">{name}</bdi>
        <p class="quiet">
          {products.join(', ')}
          {delivery === 'external' && ' · uploaded by another system'}
        </p>
      </th>
      <td class="wide" data-column="Calls to Qure">
        <Stop source={source} />
      </td>
      <td data-column="With Qure now">
        {concurrency === undefined ? (
          'no limit'
        ) : (
          <Limit {...concurrency}>
            {concurrency.waiting > 0 &&
              `${concurrency.waiting}${concurrency.waiting >= MOST_WAITING ? '+' : ''} waiting`}
          </Limit>
        )}
      </td>
      <td data-column="Daily budget">
        {dailyBudget === undefined ? (
          'no limit'
        ) : (
          <Limit {...dailyBudget}>new at {dateTime(dailyBudget.endsAt)}</Limit>
        )}
      </td>
      <td data-column="Not finished">
        {open.length === 0
          ? 'none'
          : open.map((one) => (
              <p key={one.state} class="time">
                {countInWords(one)} {stateTitle(one.state).toLowerCase()}
              </p>
            ))}
      </td>
      <td class="time" data-column="Promise">
        {duration(serviceLevelMinutes * 60_000)}
      </td>
    </tr>
  );
}

/** The API counts no further. */
const MOST_WAITING = 100;

function Stop({ source: { stop } }: { source: Source }) {
  if (stop === undefined) return <>allowed</>;
  const { reason, isProbing, nextProbeAt } = stop;
  return (
    <>
      <strong class="is-stopped">Stopped</strong> for {since(stop.since, now.value)}: {reasonInWords(reason)}.{' '}
      {isProbing ? 'A series tries again now.' : `A series tries again from ${dateTime(nextProbeAt)} on.`}
    </>
  );
}

interface LimitProps {
  used: number;
  limit: number;
  children: ComponentChildren;
}

function Limit({ used, limit, children }: LimitProps) {
  return (
    <>
      <Bar share={limit === 0 ? 1 : used / limit}>
        {used.toLocaleString()} of {limit.toLocaleString()}
      </Bar>
      <p class="quiet time">{children}</p>
    </>
  );
}

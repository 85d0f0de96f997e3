import { type Answer, get } from '../shared/api.ts';
import { duration, plural } from '../shared/format.ts';
import { Scroll } from '../shared/scroll.tsx';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';
import { Bar } from './bar.tsx';
import { TURNAROUND_TITLES } from './words.ts';

type Stage = Answer<'StageTurnaround'>;

/** The server reads up to 1,000 series for it. */
const REFRESH_MS = 300_000;

/** How long results of the last 24 hours took, by stage. */
export function Turnaround() {
  const asked = useAnswer(REFRESH_MS, (signal) => get('Turnaround', '/v1/turnaround', {}, signal));
  return (
    <div class="group">
      <h3 id="turnaround-title">How long results took in the last 24 hours</h3>
      <TroubleOf asked={asked} />
      {asked.answer.value !== undefined && <Result turnaround={asked.answer.value} />}
    </div>
  );
}

function Result({ turnaround: { count, isComplete, stages, hours } }: { turnaround: Answer<'Turnaround'> }) {
  if (count === 0) return <p>No result was stored in that time.</p>;
  const longest = Math.max(1, ...stages.map(({ p95Seconds }) => p95Seconds));
  const ofHours = hours.map(({ from, stages: all }) => ({
    from,
    all: all.find(({ stage }) => stage === 'all'),
  }));
  const longestHour = Math.max(1, ...ofHours.map(({ all }) => all?.p95Seconds ?? 0));
  return (
    <>
      <p class="quiet">
        {plural(count, 'series', 'series')}
        {isComplete ? '' : ', those whose results came last'}. Half of them took at most the median; 95 of 100
        at most the 95th percentile.
      </p>
      <Scroll labelledBy="turnaround-title">
        <table>
          <Head first="Stage" />
          <tbody>
            {stages.map((stage) => (
              <tr key={stage.stage}>
                {/* A stage of a later version has no title here. */}
                <th scope="row">{TURNAROUND_TITLES[stage.stage] ?? stage.stage}</th>
                <Times of={stage} longest={longest} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <details>
        <summary id="hours-title">By the hour in which the result was stored, from the last image on</summary>
        <Scroll labelledBy="hours-title">
          <table>
            <Head first="Hour" />
            <tbody>
              {ofHours.map(
                ({ from, all }) =>
                  all !== undefined && (
                    <tr key={from}>
                      <th scope="row" class="time">
                        {hourOf(from)}
                      </th>
                      <Times of={all} longest={longestHour} />
                    </tr>
                  ),
              )}
            </tbody>
          </table>
        </Scroll>
      </details>
    </>
  );
}

function Head({ first }: { first: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        <th scope="col">Median</th>
        <th scope="col">95th percentile</th>
        <th scope="col" class="number">
          Series
        </th>
      </tr>
    </thead>
  );
}

function Times({ of: { count, p50Seconds, p95Seconds }, longest }: { of: Stage; longest: number }) {
  return (
    <>
      <td>
        <Bar share={p50Seconds / longest}>{duration(p50Seconds * 1000)}</Bar>
      </td>
      <td>
        <Bar share={p95Seconds / longest}>{duration(p95Seconds * 1000)}</Bar>
      </td>
      <td class="number">{count.toLocaleString()}</td>
    </>
  );
}

function hourOf(instant: string): string {
  return new Date(instant).toLocaleString(undefined, {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}

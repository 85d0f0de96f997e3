import { useSignal } from '@preact/signals';
import { type Answer, get } from '../shared/api.ts';
import { dateTime, plural } from '../shared/format.ts';
import { Link } from '../shared/link.tsx';
import { Scroll } from '../shared/scroll.tsx';
import { mayAct } from '../shared/session.ts';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';
import { causeInWords } from './causes.ts';
import { Redrive } from './redrive.tsx';
import { queueTitle } from './words.ts';

/** Listing hides the letters from other readers for some seconds. */
const REFRESH_MS = 300_000;

/** Messages that failed, by queue and cause, with what to do and the way back. */
export function DeadLetters() {
  const times = useSignal(0);
  const asked = useAnswer(
    REFRESH_MS,
    (signal) => get('DeadLetters', '/v1/dead-letters', { limit: '100' }, signal),
    [times.value],
  );
  const again = () => {
    times.value += 1;
  };
  return (
    <div class="group">
      <h3 id="letters-title">Dead letters</h3>
      <p class="quiet">
        Messages that failed again and again. First remove the cause, then send them back to their queue.{' '}
        <button type="button" onClick={again}>
          Read again
        </button>
      </p>
      <TroubleOf asked={asked} />
      {asked.answer.value !== undefined && <Found letters={asked.answer.value} onRedriven={again} />}
    </div>
  );
}

interface FoundProps {
  letters: Answer<'DeadLetters'>;
  onRedriven(): void;
}

function Found({ letters: { items, counts, isComplete }, onRedriven }: FoundProps) {
  if (counts.length === 0)
    return <p>{isComplete ? 'There are none.' : 'None was found within the time of one request.'}</p>;
  return (
    <>
      <ul class="letters">
        {counts.map(({ stage, cause, count }) => {
          const { means, todo, isFinal = false } = causeInWords(cause);
          return (
            <li key={`${stage} ${cause}`}>
              <p>
                <strong>
                  {queueTitle(stage)}: {plural(count, 'message')}
                  {isComplete ? '' : ' or more'}
                </strong>{' '}
                <code class="quiet">{cause}</code>
              </p>
              <p>
                {means} {todo}
              </p>
              {isFinal ? (
                <p class="quiet">Do not send them back: they would fail again.</p>
              ) : (
                mayAct() && <Redrive stage={stage} cause={cause} onDone={onRedriven} />
              )}
            </li>
          );
        })}
      </ul>
      <details>
        <summary>The newest {plural(items.length, 'message')}</summary>
        <Messages items={items} />
      </details>
    </>
  );
}

function Messages({ items }: Pick<Answer<'DeadLetters'>, 'items'>) {
  return (
    <Scroll labelledBy="letters-title">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Failed at</th>
            <th scope="col">Queue</th>
            <th scope="col">Cause</th>
            <th scope="col">Of</th>
            <th scope="col">Message, as in the logs</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.stage} ${item.messageId}`}>
              <td class="time" data-column="Failed at">
                {item.failedAt === undefined ? '–' : dateTime(item.failedAt)}
              </td>
              <td data-column="Queue">{queueTitle(item.stage)}</td>
              <td data-column="Cause">{item.cause}</td>
              <td class="wide" data-column="Of">
                <Subject item={item} />
              </td>
              <td class="uid wide" data-column="Message">
                {item.messageId}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Subject({ item: { source, seriesInstanceUid: uid, objects } }: { item: Answer<'DeadLetter'> }) {
  if (uid !== undefined)
    return (
      <>
        {source}{' '}
        <Link class="uid" href={`/?${new URLSearchParams({ q: uid }).toString()}`}>
          {uid}
        </Link>
      </>
    );
  return <>{objects === undefined ? (source ?? '–') : plural(objects, 'object')}</>;
}

import { useSignal } from '@preact/signals';
import { type Answer, get } from '../shared/api.ts';
import { plural } from '../shared/format.ts';
import { outage } from '../shared/outage.ts';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';
import { ReasonGroup } from './reason-group.tsx';

type QuarantinedObject = Answer<'QuarantinePage'>['items'][number];

interface Read {
  items: QuarantinedObject[];
  isComplete: boolean;
}

const REFRESH_MS = 15_000;
const PAGE_SIZE = '100';
/** So many pages more are read at a time when a person asks for them. */
const STEP = 5;

export function Quarantine() {
  const pages = useSignal(1);
  const asked = useAnswer(REFRESH_MS, (signal) => read(pages.value, signal), [pages.value]);
  const { answer, trouble } = asked;
  const { items, isComplete } = answer.value ?? { items: [], isComplete: true };
  const groups = [...Map.groupBy(items, ({ reason }) => reason)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  return (
    <section class="page" aria-labelledby="quarantine-title">
      <h2 id="quarantine-title">Quarantined objects</h2>
      <p class="quiet">
        They cannot be indexed. They stay in the drop bucket, unchanged, and block no other object. A sound
        object under the same key removes the entry.
      </p>
      <TroubleOf asked={asked} />
      {answer.value === undefined && trouble.value === '' && outage.value === undefined && (
        <p class="loading">Loading…</p>
      )}
      {answer.value !== undefined && items.length === 0 && isComplete && <p>Nothing is in quarantine.</p>}
      {groups.map(([reason, objects]) => (
        <ReasonGroup key={reason} reason={reason} objects={objects} isComplete={isComplete} />
      ))}
      {!isComplete && (
        <p class="quiet">
          The newest {plural(items.length, 'object')} have been read; there are more.{' '}
          <button
            type="button"
            onClick={() => {
              pages.value += STEP;
            }}
          >
            Read more
          </button>
        </p>
      )}
    </section>
  );
}

/** The newest first; a page may have few objects, or none, before the last one. */
async function read(pages: number, signal: AbortSignal): Promise<Read> {
  const items: QuarantinedObject[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const answer = await get('QuarantinePage', '/v1/quarantine', { limit: PAGE_SIZE, cursor }, signal);
    items.push(...answer.items);
    cursor = answer.cursor;
    if (cursor === undefined) break;
  }
  return { items, isComplete: cursor === undefined };
}

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, get, messageOf } from '../shared/api.ts';
import { now } from '../shared/clock.ts';
import { config, isSimulated } from '../shared/config.ts';
import { since } from '../shared/format.ts';
import { poll } from '../shared/poll.ts';
import { Scroll } from '../shared/scroll.tsx';

const REFRESH_MS = 3_000;

export function Worklist() {
  const page = useSignal<Answer<'StudyPage'> | undefined>(undefined);
  const trouble = useSignal('');
  useEffect(
    () =>
      poll(REFRESH_MS, async (signal) => {
        try {
          page.value = await get('StudyPage', '/v1/studies', { limit: '100' }, signal);
          trouble.value = '';
        } catch (error) {
          trouble.value = messageOf(error);
          throw error;
        }
      }),
    [],
  );
  const items = page.value?.items;
  return (
    <section class="page" aria-labelledby="worklist-title">
      <h2 id="worklist-title">Studies</h2>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      {items?.length === 0 && (
        <p>
          Nothing has been dropped yet. Any S3 client can drop:{' '}
          <code class="breakable">{config.value.dropCommand}</code>
        </p>
      )}
      {items !== undefined && items.length > 0 && (
        <Scroll labelledBy="worklist-title">
          <table>
            <thead>
              <tr>
                <th scope="col">Accession number</th>
                <th scope="col">Examination</th>
                <th scope="col">Product</th>
                <th scope="col">Triage</th>
                <th scope="col">States</th>
                <th scope="col">Age</th>
              </tr>
            </thead>
            <tbody>
              {items.map((study) => (
                <tr key={`${study.source} ${study.studyInstanceUid}`}>
                  <td>{study.accessionNumber ?? <span class="uid">{study.studyInstanceUid}</span>}</td>
                  <td>{[...study.modalities, ...study.bodyParts].join(' ')}</td>
                  <td>{study.products.join(', ')}</td>
                  <td>
                    {study.triage} {isSimulated(study.source) && study.progress.results > 0 && '(simulated)'}
                  </td>
                  <td>{study.series.map(({ state, count }) => `${state} ${count}`).join(', ')}</td>
                  <td class="time">{since(study.firstArrivalAt, now.value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

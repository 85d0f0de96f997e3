import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, get, messageOf } from '../shared/api.ts';
import { dateTime } from '../shared/format.ts';
import { poll } from '../shared/poll.ts';
import { Scroll } from '../shared/scroll.tsx';

const REFRESH_MS = 10_000;

export function Quarantine() {
  const page = useSignal<Answer<'QuarantinePage'> | undefined>(undefined);
  const trouble = useSignal('');
  useEffect(
    () =>
      poll(REFRESH_MS, async (signal) => {
        try {
          page.value = await get('QuarantinePage', '/v1/quarantine', { limit: '100' }, signal);
          trouble.value = '';
        } catch (error) {
          trouble.value = messageOf(error);
          throw error;
        }
      }),
    [],
  );
  const items = page.value?.items ?? [];
  return (
    <section class="page" aria-labelledby="quarantine-title">
      <h2 id="quarantine-title">Quarantined objects</h2>
      <p class="quiet">
        They cannot be indexed. They stay in the drop bucket, unchanged, and block no other object.
      </p>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      {page.value !== undefined && items.length === 0 && <p>None.</p>}
      {items.length > 0 && (
        <Scroll labelledBy="quarantine-title">
          <table>
            <thead>
              <tr>
                <th scope="col">Reason</th>
                <th scope="col">Key</th>
                <th scope="col">Detail</th>
                <th scope="col">Since</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ id, key, reason, detail, at }) => (
                <tr key={id}>
                  <td>{reason}</td>
                  <td class="breakable">{key}</td>
                  <td>{detail}</td>
                  <td class="time">{dateTime(at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {page.value?.cursor !== undefined && (
        <p class="quiet">Only the newest 100 are shown; the API lists all.</p>
      )}
    </section>
  );
}

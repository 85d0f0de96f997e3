import { useSignal } from '@preact/signals';
import type { Answer } from '../shared/api.ts';
import { dateTime } from '../shared/format.ts';
import { quarantineAdvice } from '../shared/quarantine-advice.ts';
import { Scroll } from '../shared/scroll.tsx';

interface ReasonGroupProps {
  reason: string;
  objects: Answer<'QuarantinePage'>['items'];
  /** Otherwise there may be more than are given. */
  isComplete: boolean;
}

/** One reason: how many, what to do, and which. Keys may hold names: they are shown when a person asks. */
export function ReasonGroup({ reason, objects, isComplete }: ReasonGroupProps) {
  const isOpen = useSignal(false);
  const id = `reason-${reason}`;
  return (
    <div class="group">
      <h3 id={id}>
        {sentenceOf(reason)}{' '}
        <small>
          {objects.length.toLocaleString()}
          {isComplete ? '' : '+'} · <code>{reason}</code>
        </small>
      </h3>
      <p>{adviceOf(reason)}</p>
      <details
        onToggle={({ currentTarget }) => {
          isOpen.value = currentTarget.open;
        }}
      >
        <summary>Objects, by their keys, which may hold names</summary>
        {isOpen.value && (
          <Scroll labelledBy={id}>
            <table class="cards">
              <thead>
                <tr>
                  <th scope="col">Key</th>
                  <th scope="col">Detail</th>
                  <th scope="col">Source</th>
                  <th scope="col">Since</th>
                </tr>
              </thead>
              <tbody>
                {objects.map(({ id: object, at, source, key, detail }) => (
                  <tr key={object}>
                    <td class="breakable wide" data-column="Key">
                      <bdi>{key}</bdi>
                    </td>
                    <td class="breakable wide" data-column="Detail">
                      <bdi>{detail}</bdi>
                    </td>
                    <td data-column="Source">{source ?? '–'}</td>
                    <td class="time" data-column="Since">
                      {dateTime(at)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </details>
    </div>
  );
}

function sentenceOf(reason: string): string {
  const text = reason.replaceAll('_', ' ').replace('dicom', 'DICOM').replace('uid', 'UID');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A later version has reasons that this page does not know. */
function adviceOf(reason: string): string {
  const known = quarantineAdvice(reason);
  return known === undefined
    ? 'This page does not know the reason. docs/operations.md (Quarantine) explains each one.'
    : `${known.means} ${known.todo}`;
}

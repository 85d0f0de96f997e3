import { bytes, plural } from '../shared/format.ts';
import { Link } from '../shared/link.tsx';
import { Scroll } from '../shared/scroll.tsx';
import { bytesOf, type Item, type MarkerOutcome, type Upload } from './upload.ts';

const SHOWN = 100;
const ORDER = ['failed', 'sending', 'waiting', 'sent'] as const satisfies readonly Item['state'][];
const WORDS: Readonly<Record<Item['state'], string>> = {
  failed: 'Failed',
  sending: 'Uploading',
  waiting: 'Waiting',
  sent: 'Uploaded',
};

const ENDS: Readonly<Record<MarkerOutcome, string>> = {
  put: 'Everything is there, and marked complete.',
  none: 'Everything that could be sent is there. It is not marked complete: each series begins after its quiet period.',
  failed:
    'Everything is there. The mark that it is complete could not be written: each series begins after its quiet period.',
};

interface UploadProgressProps {
  upload: Upload;
  onNew(): void;
}

export function UploadProgress({ upload, onNew }: UploadProgressProps) {
  // Read, so that it is drawn again.
  upload.changes.value;
  const { items } = upload;
  const state = upload.state.value;
  const { total, sent } = bytesOf(upload);
  const isSent = items.filter((item) => item.state === 'sent').length;
  const failed = items.filter((item) => item.state === 'failed').length;
  const count = `${isSent.toLocaleString()} of ${plural(items.length, 'file')}`;
  return (
    <>
      <progress aria-label="Uploaded" max={total} value={sent} />
      <p>
        <strong>{count}</strong>, {bytes(sent)} of {bytes(total)}
        {failed > 0 && `, ${failed.toLocaleString()} failed`}
      </p>
      {upload.trouble.value !== '' && (
        <p class="trouble" role="alert">
          {upload.trouble.value}
        </p>
      )}
      <p role="status">
        {state === 'running' && 'Uploading. You may look at other views; do not close the page.'}
        {state === 'stopped' && 'Stopped. What is uploaded is not sent again.'}
        {state === 'stopped' &&
          !upload.isCancelled &&
          !navigator.onLine &&
          ' It goes on when this computer is online.'}
        {upload.marker.value !== undefined && ENDS[upload.marker.value]}
      </p>
      <div class="drop-buttons">
        {state === 'running' && (
          <button type="button" onClick={() => upload.cancel()}>
            Cancel
          </button>
        )}
        {state === 'stopped' && (
          <button type="button" class="primary-button" onClick={() => void upload.run()}>
            Upload the rest
          </button>
        )}
        {(state === 'stopped' || state === 'done') && (
          <button type="button" onClick={onNew}>
            Choose others
          </button>
        )}
        <Link href="/">To the worklist</Link>
      </div>
      <Files items={items} />
    </>
  );
}

function Files({ items }: { items: readonly Item[] }) {
  const sorted = ORDER.flatMap((state) => items.filter((item) => item.state === state));
  return (
    <>
      <h3 id="drop-files">Files</h3>
      <Scroll labelledBy="drop-files">
        <table>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Size</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, SHOWN).map(({ name, file, state, sent, trouble }, at) => (
              <tr key={at}>
                <td class="breakable">
                  <bdi>{name}</bdi>
                </td>
                <td class="time">{bytes(file.size)}</td>
                <td class={state}>
                  {WORDS[state]}
                  {state === 'sending' && ` ${Math.floor((100 * sent) / Math.max(1, file.size))} %`}
                  {state === 'failed' && `: ${trouble ?? ''}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {sorted.length > SHOWN && (
        <p class="quiet">
          And {plural(sorted.length - SHOWN, 'file')} more. Those that failed are shown first.
        </p>
      )}
    </>
  );
}

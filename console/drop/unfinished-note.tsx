import { useSignal } from '@preact/signals';
import { plural } from '../shared/format.ts';
import { forgetUnfinished, unfinished } from './unfinished.ts';

/** What a page that was closed has left to do. A browser gives the files themselves to no later page. */
export function Unfinished() {
  const left = useSignal(unfinished(Date.now()));
  if (left.value === undefined) return null;
  const { source, sent, files } = left.value;
  return (
    <div class="note">
      <p>
        An upload to <bdi>{source}</bdi> was not finished: {sent.toLocaleString()} of {plural(files, 'file')}{' '}
        are there. Choose the same files again: only the others are sent, and all of them are marked complete.
      </p>
      <button
        type="button"
        onClick={() => {
          forgetUnfinished();
          left.value = undefined;
        }}
      >
        Forget it
      </button>
    </div>
  );
}

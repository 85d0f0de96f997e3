import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { messageOf, post } from '../shared/api.ts';
import { plural } from '../shared/format.ts';
import { Trouble } from '../shared/trouble.tsx';
import { queueTitle } from './words.ts';

interface RedriveProps {
  stage: string;
  cause: string;
  onDone(): void;
}

/** Sends the letters of one queue and cause back, with a reason that is recorded. */
export function Redrive({ stage, cause, onDone }: RedriveProps) {
  const id = useId();
  const trouble = useSignal('');
  const isSending = useSignal(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const send = async (form: HTMLFormElement) => {
    const comment = String(new FormData(form).get('comment') ?? '').trim();
    if (comment === '') {
      trouble.value = 'Say why.';
      return;
    }
    isSending.value = true;
    trouble.value = '';
    try {
      const left = await sendBack({ stage, cause, comment });
      onDone();
      if (left !== '') {
        trouble.value = left;
        return;
      }
      form.reset();
      dialog.current?.close();
    } catch (error) {
      trouble.value = messageOf(error);
    } finally {
      isSending.value = false;
    }
  };
  return (
    <div class="buttons">
      <button
        type="button"
        aria-label={`Send back: ${queueTitle(stage)}, ${cause}`}
        onClick={() => {
          trouble.value = '';
          dialog.current?.showModal();
        }}
      >
        Send back…
      </button>
      <dialog ref={dialog} aria-labelledby={id}>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void send(event.currentTarget);
          }}
        >
          <h2 id={id}>
            Send back: {queueTitle(stage)}, {cause}
          </h2>
          <p>Each message gets all its attempts again. What fails again becomes a dead letter again.</p>
          <label>
            <span>Why? It is recorded with who did it. No names of patients.</span>
            <textarea name="comment" required maxLength={500} rows={3} />
          </label>
          <Trouble text={trouble.value} />
          <div class="buttons">
            <button type="submit" class="primary-button" disabled={isSending.value}>
              {isSending.value ? 'Sending back…' : 'Send back'}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}

/** @returns what is left, in words; nothing where all went back */
async function sendBack(request: { stage: string; cause: string; comment: string }): Promise<string> {
  let before: string | undefined;
  // Each call is bounded; the end is a call that moves nothing.
  for (;;) {
    const body = { ...request, ...(before !== undefined && { before }) };
    const { moved, refused, isComplete, ...answer } = await post('Redrive', '/v1/dead-letters/redrive', body);
    // A message that fails again meanwhile is not sent back a second time.
    before = answer.before;
    if (isComplete) return '';
    if (moved > 0) continue;
    return refused > 0
      ? `${plural(refused, 'message')} could not be sent back, and stay here. Try again later.`
      : 'Some may be left: another reader had them. Read again in a minute.';
  }
}

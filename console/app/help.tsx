import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { addShortcuts, allShortcuts } from '../shared/keyboard.ts';

const isOpen = signal(false);

const NAMES: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  PageDown: 'Page Down',
  PageUp: 'Page Up',
  Escape: 'Esc',
};

export function openHelp(): void {
  isOpen.value = true;
}

/** The keys of the view that is shown. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => addShortcuts([{ key: '?', does: 'Show this help', run: openHelp }]), []);
  useEffect(() => {
    if (isOpen.value) dialog.current?.showModal();
  }, [isOpen.value]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (isOpen.value = false)}>
      <h2 id="help-title">Keyboard</h2>
      {isOpen.value && (
        <dl class="keys">
          {allShortcuts().map(({ key, does }) => (
            <div key={key}>
              <dt>
                <kbd>{NAMES[key] ?? key}</kbd>
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      )}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

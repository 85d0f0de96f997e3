/** A key that does something on this view; the help dialog lists them. */
export interface Shortcut {
  /** As `KeyboardEvent.key` has it. */
  key: string;
  /** What it does, as a person reads it. */
  does: string;
  run(event: KeyboardEvent): void;
}

const shortcuts = new Set<Shortcut>();

/** @returns what takes them away again */
export function addShortcuts(added: readonly Shortcut[]): () => void {
  for (const one of added) shortcuts.add(one);
  return () => {
    for (const one of added) shortcuts.delete(one);
  };
}

export function allShortcuts(): readonly Shortcut[] {
  return [...shortcuts];
}

/** Keys belong to the field that a person types in, to an open dialog, and Enter to the button or the link that has the focus. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]') !== null) return true;
  const takers = `input, textarea, select${key === 'Enter' ? ', button, a, summary' : ''}`;
  return target instanceof Element && target.closest(takers) !== null;
}

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
  runShortcut(event);
});

/** Also for a field that hands a key on to the view. */
export function runShortcut(event: KeyboardEvent): void {
  // The newest view has the last word.
  const found = [...shortcuts].findLast(({ key }) => key === event.key);
  if (found === undefined) return;
  event.preventDefault();
  found.run(event);
}

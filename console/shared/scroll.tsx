import type { ComponentChildren } from 'preact';

/** A wide table that scrolls by itself, also by keyboard, so that the page never does. */
export function Scroll({ labelledBy, children }: { labelledBy: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll (axe: scrollable-region-focusable)
    <section class="scroll" tabIndex={0} aria-labelledby={labelledBy}>
      {children}
    </section>
  );
}

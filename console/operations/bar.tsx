import type { ComponentChildren } from 'preact';

interface BarProps {
  /** Of the whole bar; more than 1 is full. */
  share: number;
  /** What the bar says, in words: it is nothing to those who cannot see it. */
  children: ComponentChildren;
}

export function Bar({ share, children }: BarProps) {
  return (
    <span class="measure">
      <span class="measure-bar" aria-hidden="true">
        <span class="measure-part" style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
      </span>
      <span class="time">{children}</span>
    </span>
  );
}

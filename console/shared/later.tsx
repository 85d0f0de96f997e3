import type { ComponentType } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { messageOf } from './api.ts';

/** A component whose script is asked for when it is shown first. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Later(props: Props) {
    const [trouble, setTrouble] = useState('');
    const [, draw] = useState(false);
    // Before the next frame: what is there already is not waited for.
    useLayoutEffect(() => {
      if (loaded !== undefined) return;
      load()
        .then((component) => {
          loaded = component;
          draw(true);
        })
        .catch((error: unknown) => setTrouble(messageOf(error)));
    }, []);
    if (loaded !== undefined) {
      const Component = loaded;
      return <Component {...props} />;
    }
    if (trouble === '') return <p class="loading">Loading…</p>;
    return (
      <p class="trouble" role="alert">
        This part of the page could not be loaded: {trouble} Reload the page.
      </p>
    );
  };
}

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { messageOf } from '../shared/api.ts';
import { config } from '../shared/config.ts';
import { Link } from '../shared/link.tsx';
import { place } from '../shared/router.ts';
import { nextTheme, theme } from '../shared/theme.ts';
import { Banner } from './banner.tsx';
import { Help, openHelp } from './help.tsx';
import { SessionEnded, SessionTools } from './session-tools.tsx';
import { hrefOf, VIEWS, type View, viewOf } from './views.ts';

export function App() {
  const view = viewOf(place.value);
  return (
    <div class="app">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <div class="top">
          <h1>
            qure-dropoff <small>{config.value.version}</small>
          </h1>
          <nav aria-label="Views">
            {VIEWS.map((one: View) => (
              <Link
                key={one.name}
                href={hrefOf(one)}
                aria-current={one.name === view.name ? 'page' : undefined}
              >
                {one.title}
              </Link>
            ))}
          </nav>
          <div class="tools">
            <SessionTools />
            <button type="button" class="quiet-button" onClick={nextTheme}>
              Theme: {theme.value}
            </button>
            <button type="button" class="quiet-button" onClick={openHelp}>
              Keyboard
            </button>
          </div>
        </div>
        <Banner />
        <SessionEnded />
      </header>
      <main id="main" tabIndex={-1}>
        <Shown key={view.name} view={view} />
      </main>
      <Help />
    </div>
  );
}

const loaded = new Map<string, ComponentType>();

function Shown({ view }: { view: View }) {
  const trouble = useSignal('');
  const isLoaded = useSignal(loaded.has(view.name));
  useEffect(() => {
    document.title = `${view.title} · qure-dropoff`;
    view
      .load()
      .then((component) => {
        loaded.set(view.name, component);
        isLoaded.value = true;
      })
      .catch((error: unknown) => {
        trouble.value = messageOf(error);
      });
  }, [view]);
  const Component = isLoaded.value ? loaded.get(view.name) : undefined;
  if (Component !== undefined) return <Component />;
  if (trouble.value === '') return <p class="loading">Loading…</p>;
  return (
    <p class="trouble" role="alert">
      This view could not be loaded: {trouble.value} Reload the page.
    </p>
  );
}

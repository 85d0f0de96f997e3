import { useEffect } from 'preact/hooks';
import { config } from '../shared/config.ts';
import { Link } from '../shared/link.tsx';
import { place } from '../shared/router.ts';
import { nextTheme, theme } from '../shared/theme.ts';
import { uploadNote } from '../shared/upload-note.ts';
import { useMedia } from '../shared/use-media.ts';
import { Banner, Outage } from './banner.tsx';
import { Help, openHelp } from './help.tsx';
import { SessionEnded, SessionTools } from './session-tools.tsx';
import { hrefOf, VIEWS, type View, viewOf } from './views.ts';

/** The views have a line of their own (app.css): what is above them comes before them, also for the Tab key. */
const NARROW = '(width < 52rem)';

export function App() {
  const view = viewOf(place.value);
  const isNarrow = useMedia(NARROW);
  useEffect(() => {
    document.title = `${view.title} · qure-dropoff`;
  }, [view]);
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
          {isNarrow && <Tools />}
          <nav aria-label="Views">
            {VIEWS.map((one: View) => (
              <Link
                key={one.name}
                href={hrefOf(one)}
                aria-current={one.name === view.name ? 'page' : undefined}
              >
                {one.title}
                {one.name === 'drop' && uploadNote.value !== '' && <small> {uploadNote.value}</small>}
              </Link>
            ))}
          </nav>
          {!isNarrow && <Tools />}
        </div>
        <Banner />
        <Outage />
        <SessionEnded />
      </header>
      <main id="main" tabIndex={-1}>
        <view.Component key={view.name} />
      </main>
      <Help />
    </div>
  );
}

function Tools() {
  return (
    <div class="tools">
      <SessionTools />
      <button type="button" class="quiet-button" onClick={nextTheme}>
        Theme: {theme.value}
      </button>
      <button type="button" class="quiet-button keyboard-button" onClick={openHelp}>
        Keyboard
      </button>
    </div>
  );
}

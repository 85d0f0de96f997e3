import './main.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { viewOf } from './app/views.ts';
import { messageOf } from './shared/api.ts';
import { config, loadConfig } from './shared/config.ts';
import { place } from './shared/router.ts';
import { applyTheme } from './shared/theme.ts';

applyTheme();
// Beside the request for the configuration, not after it; what fails is told where the view is drawn.
viewOf(place.value)
  .load()
  .catch(() => undefined);
try {
  await loadConfig();
  const { signIn } = config.value;
  if (signIn !== undefined) await (await import('./sign-in/sign-in.tsx')).signedIn(signIn);
  render(<App />, document.body);
} catch (error) {
  render(
    <p class="trouble" role="alert">
      The page cannot start: {messageOf(error)} Reload it.
    </p>,
    document.body,
  );
}

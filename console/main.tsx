import './main.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { viewOf } from './app/views.ts';
import { messageOf } from './shared/api.ts';
import { config, loadConfig } from './shared/config.ts';
import { place } from './shared/router.ts';
import { applyTheme } from './shared/theme.ts';
import { signedIn } from './sign-in/sign-in.tsx';

applyTheme();
try {
  await loadConfig();
  const { signIn } = config.value;
  if (signIn !== undefined) await signedIn(signIn);
  viewOf(place.value).begin?.();
  // Its requests are sent first: to draw the page takes about as long as an answer.
  await new Promise((resolve) => setTimeout(resolve));
  render(<App />, document.body);
} catch (error) {
  render(
    <p class="trouble" role="alert">
      The page cannot start: {messageOf(error)} Reload it.
    </p>,
    document.body,
  );
}

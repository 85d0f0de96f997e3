import './main.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { messageOf } from './shared/api.ts';
import { config, loadConfig } from './shared/config.ts';
import { applyTheme } from './shared/theme.ts';
import { signedIn } from './sign-in/sign-in.tsx';

applyTheme();
try {
  await loadConfig();
  const { signIn } = config.value;
  if (signIn !== undefined) await signedIn(signIn);
  render(<App />, document.body);
} catch (error) {
  render(
    <p class="trouble" role="alert">
      The page cannot start: {messageOf(error)} Reload it.
    </p>,
    document.body,
  );
}

import { signal } from '@preact/signals';

/** The state of the page is the query of its URL, so that it can be bookmarked, sent to a colleague and gone back from. */
export const place = signal(new URLSearchParams(location.search));

addEventListener('popstate', () => {
  place.value = new URLSearchParams(location.search);
});

/** An empty text or `undefined` takes the parameter away. */
export type Changes = Readonly<Record<string, string | undefined>>;

export function hrefWith(changes: Changes, from: URLSearchParams = place.value): string {
  const next = new URLSearchParams(from);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** @param how `replace`: the place before is not one to go back to, for example while a person types */
export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  place.value = new URLSearchParams(location.search);
}

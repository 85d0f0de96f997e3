import { useEffect, useReducer } from 'preact/hooks';

/** Whether the window is so, also after it changes. */
export function useMedia(query: string): boolean {
  const [, draw] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    const media = matchMedia(query);
    const read = () => draw(undefined);
    media.addEventListener('change', read);
    return () => media.removeEventListener('change', read);
  }, [query]);
  return matchMedia(query).matches;
}

import type { ComponentType } from 'preact';
import { Worklist } from '../worklist/worklist.tsx';

/** A view of the console: a room of its own. All but the first are loaded when a person opens them. */
export interface View {
  /** In the URL: `/?view=quarantine`. The first view has none. */
  name: string;
  /** In the navigation. */
  title: string;
  load(): Promise<ComponentType>;
}

export const VIEWS = [
  {
    name: 'worklist',
    title: 'Worklist',
    load: async () => Worklist,
  },
  {
    name: 'drop',
    title: 'Drop',
    load: async () => (await import('../drop/drop.tsx')).Drop,
  },
  {
    name: 'quarantine',
    title: 'Quarantine',
    load: async () => (await import('../quarantine/quarantine.tsx')).Quarantine,
  },
  {
    name: 'operations',
    title: 'Operations',
    load: async () => (await import('../operations/operations.tsx')).Operations,
  },
] as const satisfies readonly View[];

export function viewOf(place: URLSearchParams): View {
  return VIEWS.find(({ name }) => name === place.get('view')) ?? VIEWS[0];
}

/** A link to a view keeps nothing of another one. */
export function hrefOf({ name }: View): string {
  return name === VIEWS[0].name ? '/' : `/?view=${name}`;
}

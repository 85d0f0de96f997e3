import type { ComponentType } from 'preact';
import { Drop } from '../drop/drop.tsx';
import { Operations } from '../operations/operations.tsx';
import { Quarantine } from '../quarantine/quarantine.tsx';
import { beginWorklist, Worklist } from '../worklist/worklist.tsx';

/** A view of the console: a room of its own. */
export interface View {
  /** In the URL: `/?view=quarantine`. The first view has none. */
  name: string;
  /** In the navigation. */
  title: string;
  /** Before the page is drawn with this view. */
  begin?: () => void;
  Component: ComponentType;
}

export const VIEWS = [
  {
    name: 'worklist',
    title: 'Worklist',
    begin: beginWorklist,
    Component: Worklist,
  },
  {
    name: 'drop',
    title: 'Drop',
    Component: Drop,
  },
  {
    name: 'quarantine',
    title: 'Quarantine',
    Component: Quarantine,
  },
  {
    name: 'operations',
    title: 'Operations',
    Component: Operations,
  },
] as const satisfies readonly View[];

export function viewOf(place: URLSearchParams): View {
  return VIEWS.find(({ name }) => name === place.get('view')) ?? VIEWS[0];
}

/** A link to a view keeps nothing of another one. */
export function hrefOf({ name }: View): string {
  return name === VIEWS[0].name ? '/' : `/?view=${name}`;
}

import { signal } from '@preact/signals';

/** How far an upload is that goes on while other views are shown, for the navigation; empty where there is none. */
export const uploadNote = signal('');

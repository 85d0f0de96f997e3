import { effect, signal } from '@preact/signals';
import { post } from '../shared/api.ts';
import { putFile } from '../shared/put-file.ts';
import type { Chosen } from './chosen-files.ts';
import { mayBeMissed } from './kinds.ts';
import { type Ports, Upload } from './upload.ts';

/** Files that are chosen, and not uploaded yet. */
export const chosen = signal<readonly Chosen[]>([]);
/** It goes on while the person looks at other views. */
export const upload = signal<Upload | undefined>(undefined);

const PORTS: Ports = {
  links: (request) =>
    post('UploadLinks', '/v1/uploads', { ...request, expiresInSeconds: 3600, withMarker: true }),
  put: putFile,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: Date.now,
};

export function begin(source: string): void {
  const files = chosen.value
    .filter(({ kind }) => kind === 'scan' || kind === 'zip')
    .map(({ file, kind }) => ({ name: nameOf(file), file, isZip: kind === 'zip' }));
  const isWhole = chosen.value.every(({ kind }) => !mayBeMissed(kind));
  const begun = new Upload(source, files, isWhole, PORTS);
  upload.value = begun;
  chosen.value = [];
  void begun.run();
}

/** With its folder where the browser tells it. */
export function nameOf({ webkitRelativePath, name }: File): string {
  return webkitRelativePath || name;
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

effect(() => {
  if (upload.value?.state.value === 'running') addEventListener('beforeunload', warn);
  else removeEventListener('beforeunload', warn);
});

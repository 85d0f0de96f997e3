import { effect, signal } from '@preact/signals';
import { post } from '../shared/api.ts';
import { putFile } from '../shared/put-file.ts';
import { uploadNote } from '../shared/upload-note.ts';
import type { Chosen } from './chosen-files.ts';
import { fingerprintOf, fingerprintOfAll } from './fingerprint.ts';
import { instanceOf } from './instance-of.ts';
import { mayBeMissed } from './kinds.ts';
import { Memory } from './unfinished.ts';
import { bytesOf, type Ports, Upload } from './upload.ts';

/** Files that are chosen, and not uploaded yet. */
export const chosen = signal<readonly Chosen[]>([]);
/** It goes on while the person looks at other views. */
export const upload = signal<Upload | undefined>(undefined);

let memory: Memory | undefined;

const PORTS: Ports = {
  links: (request) =>
    post('UploadLinks', '/v1/uploads', { ...request, expiresInSeconds: 3600, withMarker: true }),
  put: putFile,
  instanceOf,
  fingerprintOf,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: Date.now,
};

export async function begin(source: string): Promise<void> {
  const given = chosen.value;
  chosen.value = [];
  const files = given
    .filter(({ kind }) => kind === 'scan' || kind === 'zip')
    .map(({ file, kind }) => ({ name: nameOf(file), file, isZip: kind === 'zip' }));
  const isWhole = given.every(({ kind }) => !mayBeMissed(kind));
  const id = await fingerprintOfAll(files.map(({ file }) => file));
  memory = new Memory(source, id, files.length, Date.now());
  const begun = new Upload(source, files, isWhole, PORTS, memory);
  upload.value = begun;
  await begun.run();
}

/** With its folder where the browser tells it. */
export function nameOf({ webkitRelativePath, name }: File): string {
  return webkitRelativePath || name;
}

// A tab that is closed, or a phone that ends it.
addEventListener('pagehide', () => memory?.write());

addEventListener('online', () => {
  if (upload.value?.isCancelled === false) void upload.value.run();
});

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

effect(() => {
  const state = upload.value?.state.value;
  // Read, so that it is done again.
  upload.value?.changes.value;
  const { sent, total } = upload.value === undefined ? { sent: 0, total: 1 } : bytesOf(upload.value);
  if (state === 'running') uploadNote.value = `${Math.floor((100 * sent) / Math.max(1, total))} %`;
  else uploadNote.value = state === 'stopped' ? 'stopped' : '';
});

effect(() => {
  if (upload.value?.state.value === 'running') addEventListener('beforeunload', warn);
  else removeEventListener('beforeunload', warn);
});

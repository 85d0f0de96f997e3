import { HEAD_BYTES, type Kind, kindOf } from './kinds.ts';

export interface Chosen {
  file: File;
  kind: Kind;
}

/** Their kinds, in their order. A file that cannot be read is taken as a scan: its upload fails, and a person sees it. */
export async function withKinds(files: readonly File[]): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  for (const file of files) {
    const kind = await file
      .slice(0, HEAD_BYTES)
      .arrayBuffer()
      .then((head) => kindOf(file.name, file.size, new Uint8Array(head)))
      .catch((): Kind => 'scan');
    chosen.push({ file, kind });
  }
  return chosen;
}

/** All files of what was dropped, those of folders too. To be called while the event lasts: the browser forgets its items after it. */
export async function filesDropped({ items }: DataTransfer): Promise<File[]> {
  const files: File[] = [];
  const entries: FileSystemEntry[] = [];
  for (const item of items) {
    const entry = item.webkitGetAsEntry();
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) entries.push(entry);
    if (file !== null) files.push(file);
  }
  // Not recursive: a folder may be deep.
  for (let entry = entries.shift(); entry !== undefined; entry = entries.shift()) {
    if (isFile(entry)) files.push(await fileOf(entry));
    else if (isFolder(entry)) entries.push(...(await entriesOf(entry)));
  }
  return files;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // 100 at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** Of a larger file its first and its last bytes count, and its size. */
const MOST_BYTES = 32 * 1024 * 1024;

/** The same text for the same content. It tells nothing of the file. Undefined where the file, or this browser, cannot give one. */
export async function fingerprintOf(file: Blob): Promise<string | undefined> {
  const half = MOST_BYTES / 2;
  const content =
    file.size <= MOST_BYTES ? [file] : [file.slice(0, half), file.slice(-half), String(file.size)];
  try {
    return await digestOf(await new Blob(content).arrayBuffer());
  } catch {
    return undefined;
  }
}

/** The same text for the same files in any order, whether a person has dragged them or chosen their folder. */
export async function fingerprintOfAll(files: readonly File[]): Promise<string | undefined> {
  const lines = files.map(({ name, size }) => `${size} ${name}`).toSorted();
  return fingerprintOf(new Blob([lines.join('\n')]));
}

async function digestOf(content: ArrayBuffer): Promise<string> {
  // There only where the page came over https, or from this machine.
  const digest = await crypto.subtle.digest('SHA-256', content);
  return btoa(String.fromCharCode(...new Uint8Array(digest).subarray(0, 18)));
}

/** A file of a bucket by its presigned link, straight from the bucket. */
export async function fetchFile(
  url: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, { signal, credentials: 'omit', referrerPolicy: 'no-referrer' }).catch(
    (cause) => {
      throw signal.aborted ? cause : new Error('The bucket does not answer this page.', { cause });
    },
  );
  if (!response.ok) throw new Error(`The bucket answered with status ${response.status}.`);
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes)
    throw new Error('The file is too large to be shown here.');
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > maxBytes) throw new Error('The file is too large to be shown here.');
  return bytes;
}

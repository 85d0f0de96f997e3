/** The bucket has answered, and has not taken the file. */
export class NotTakenError extends Error {
  override name = 'NotTakenError';
  readonly status: number;

  constructor(status: number) {
    super(`The bucket answered with status ${status}.`);
    this.status = status;
  }
}

/** Without a content type, which the bucket need not know: `slice` forgets that of the file. */
export function putFile(
  url: string,
  file: Blob,
  signal: AbortSignal,
  onProgress: (sent: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // `fetch` does not tell how much of a body is sent.
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new NotTakenError(request.status));
    };
    request.onerror = () => reject(new Error('The file could not be read, or the bucket does not answer.'));
    request.onabort = () => reject(new Error('Cancelled.'));
    request.onloadend = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    request.open('PUT', url);
    if (signal.aborted) reject(new Error('Cancelled.'));
    else request.send(file.slice(0, file.size));
  });
}

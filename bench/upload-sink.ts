import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Each part of an upload begins with such a header; the file's name ends in `.dcm`. */
const PART_NAME = /name="([^"]+)"; filename="/g;
/** A part's header may lie across two chunks. */
const TAIL_CHARACTERS = 256;

/**
 * A stand-in for Qure that keeps nothing: it reads uploads to their end, waits, and answers a receipt for every part.
 * `instancesAtQure` grows by the parts of each request since `reset`.
 */
export interface UploadSink {
  baseUrl: string;
  requests: number;
  reset(answerDelayMs: number): void;
  close(): Promise<void>;
}

export async function startUploadSink(seriesInstanceUid: string): Promise<UploadSink> {
  let held = 0;
  let delayMs = 0;
  const server = createServer(async (request, response) => {
    const names = await partNames(request);
    if (delayMs > 0) await sleep(delayMs);
    held += names.length;
    sink.requests += 1;
    const entry = { message: 'DICOM registered successfully', created: true };
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        messages: Object.fromEntries(names.map((name) => [name, entry])),
        detailed_info: [{ SeriesInstanceUID: seriesInstanceUid, NumberOfSeriesRelatedInstances: held }],
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink: UploadSink = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    reset(answerDelayMs) {
      held = 0;
      sink.requests = 0;
      delayMs = answerDelayMs;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return sink;
}

async function partNames(request: IncomingMessage): Promise<string[]> {
  const names = new Set<string>();
  let tail = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    // Zero pixels hold no quotes: only chunks with a header in them are looked through.
    if (tail !== '' || chunk.includes('filename="') || chunk.includes('form-data')) {
      const text = tail + chunk.toString('latin1');
      for (const [, name] of text.matchAll(PART_NAME)) if (name !== undefined) names.add(name);
    }
    tail = chunk.subarray(-TAIL_CHARACTERS).includes('form-data')
      ? chunk.subarray(-TAIL_CHARACTERS).toString('latin1')
      : '';
  }
  return [...names];
}

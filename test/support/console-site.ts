import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { createConsoleFiles } from '../../functions/handlers/serve-api/console-files.ts';
import { createHandler, type ServeApiDeps } from '../../functions/handlers/serve-api/handler.ts';
import { presentationOf } from '../../functions/qure/asset-type.ts';
import { DROPS_OF_PAGE } from '../../functions/shared/browser-access.ts';
import { bundleConsole } from '../../infra/console-bundle.ts';
import { startConsole } from '../../local/console/console-server.ts';
import type { World } from './world/world.ts';

export interface ConsoleSite {
  /** Ends with `/`. */
  url: string;
  /** Paths and queries that the API was asked, in their order. */
  asked: string[];
  /** While true, the API answers with failures. */
  isDown: boolean;
  /** What was put into the drop bucket, by its key, in the order in which it came to its end. */
  drops: Map<string, Buffer>;
  /** The status that S3 answers to an upload; 200 unless the test says otherwise. */
  answerToDrop(key: string): number | Promise<number>;
  close(): Promise<void>;
}

/**
 * The real page, built now, with the real API handler over the simulated services, on a port of this machine: what a person has after
 * `npm start`, but with as many series as a test wants. Links lead to a second port, as those of the embedded S3 do.
 */
export async function startConsoleSite(
  world: World,
  qure = 'simulator',
  more: Partial<ServeApiDeps> = {},
): Promise<ConsoleSite> {
  const folder = mkdtempSync(join(tmpdir(), 'console-site-'));
  bundleConsole(folder);
  const site = {
    asked: [] as string[],
    isDown: false,
    drops: new Map<string, Buffer>(),
    answerToDrop: (_key: string): number | Promise<number> => 200,
  };
  const files = await serveBuckets(world, site);
  const handler = createHandler({
    ...world.deps,
    storedResults: {
      ...world.deps.storedResults,
      // As a presigned link says it.
      linkTo: async (path, file) => {
        const stored = world.results.objects.get(path + file);
        const { contentType } = presentationOf(file, stored?.contentType);
        return `${files.origin}/${path}${file}?response-content-type=${encodeURIComponent(contentType)}`;
      },
    },
    linkUpload: async (key) => `${files.origin}/drop/${key}`,
    bucketOrigins: async () => [files.origin],
    readConsoleFile: createConsoleFiles(pathToFileURL(`${folder}/`)),
    ...more,
  });
  const server = await startConsole({
    port: 0,
    qure,
    s3Endpoint: files.origin,
    dropUrl: 's3://drop/north/',
    invokeApi: async (event) => {
      site.asked.push(`${event.rawPath}?${event.rawQueryString}`);
      if (site.isDown) throw new Error('down, as the test wants it');
      return handler(event);
    },
  });
  return Object.assign(site, {
    url: server.url,
    close: async () => {
      await server.close();
      await files.close();
      rmSync(folder, { recursive: true });
    },
  });
}

/** Both buckets, as a browser asks them by links. */
async function serveBuckets(world: World, drops: Pick<ConsoleSite, 'drops' | 'answerToDrop'>) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1).split('?', 1)[0] ?? '');
    response.setHeader('access-control-allow-origin', '*');
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', DROPS_OF_PAGE.methods.join());
      response.setHeader('access-control-allow-headers', DROPS_OF_PAGE.requestHeaders.join());
      response.writeHead(204).end();
      return;
    }
    if (request.method === 'PUT') {
      const key = path.slice('drop/'.length);
      const body = await buffer(request);
      const status = await drops.answerToDrop(key);
      if (status === 200) drops.drops.set(key, body);
      response.writeHead(status).end();
      return;
    }
    const stored = world.results.objects.get(path);
    response.writeHead(stored === undefined ? 404 : 200, {
      'content-type': stored?.contentType ?? 'text/plain',
    });
    response.end(stored?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

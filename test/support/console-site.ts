import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConsoleFiles } from '../../functions/handlers/serve-api/console-files.ts';
import { createHandler } from '../../functions/handlers/serve-api/handler.ts';
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
  close(): Promise<void>;
}

/**
 * The real page, built now, with the real API handler over the simulated services, on a port of this machine: what a person has after
 * `npm start`, but with as many series as a test wants. Links lead to a second port, as those of the embedded S3 do.
 */
export async function startConsoleSite(world: World, qure = 'simulator'): Promise<ConsoleSite> {
  const folder = mkdtempSync(join(tmpdir(), 'console-site-'));
  bundleConsole(folder);
  const files = await serveResults(world);
  const handler = createHandler({
    ...world.deps,
    storedResults: {
      ...world.deps.storedResults,
      linkTo: async (path, file) => `${files.origin}/${path}${file}`,
    },
    bucketOrigins: async () => [files.origin],
    readConsoleFile: createConsoleFiles(pathToFileURL(`${folder}/`)),
  });
  const site = { asked: [] as string[], isDown: false };
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

/** The results bucket, as a browser asks it by links. */
async function serveResults(world: World) {
  const server = createServer((request, response) => {
    const stored = world.results.objects.get(
      decodeURIComponent((request.url ?? '/').slice(1).split('?', 1)[0] ?? ''),
    );
    response.setHeader('access-control-allow-origin', '*');
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

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { SignIn } from '../../../functions/api/sign-in.ts';
import { createConsoleFiles } from '../../../functions/handlers/serve-api/console-files.ts';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import { bundleConsole } from '../../../infra/console-bundle.ts';
import { apiEventOf } from '../../../local/console/api-event.ts';
import type { World } from '../world/world.ts';
import type { Authorizer } from './jwt-authorizer.ts';

export interface CloudSite {
  /** Ends with `/`. */
  url: string;
  close(): Promise<void>;
}

/**
 * The page and the API as API Gateway serves them with the routes of `infra/constructs/http-front.ts`: files for everybody, the paths of
 * people with a token, and everything else for signatures, which nobody here has.
 */
export async function startCloudSite(
  world: World,
  signIn: SignIn,
  authorize: () => Authorizer,
): Promise<CloudSite> {
  const folder = mkdtempSync(join(tmpdir(), 'cloud-site-'));
  bundleConsole(folder);
  const handler = createHandler({
    ...world.deps,
    signIn,
    bucketOrigins: async () => ['https://results.s3.example'],
    readConsoleFile: createConsoleFiles(pathToFileURL(`${folder}/`)),
  });
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await answerTo(request);
    response.writeHead(status, headers);
    response.end(body);
  });

  async function answerTo(request: IncomingMessage) {
    const { method = '', url = '', headers } = request;
    const event = apiEventOf({
      method,
      url,
      headers,
      body: await buffer(request),
      sourceIp: '192.0.2.1',
      now: new Date(),
    });
    const isOfPerson = event.rawPath.startsWith('/console/v1/');
    const isFile = event.rawPath === '/' || (event.rawPath.startsWith('/console/') && method === 'GET');
    if (!isOfPerson && !isFile) return refusal(403, 'Forbidden');
    const claims = isOfPerson ? await authorize()(headers.authorization) : undefined;
    if (isOfPerson && claims === undefined) return refusal(401, 'Unauthorized');
    const authorizer = claims && { jwt: { claims, scopes: null } };
    const result = await handler({
      ...event,
      requestContext: { ...event.requestContext, apiId: 'a1', ...(authorizer && { authorizer }) },
    } as typeof event);
    return {
      status: result.statusCode ?? 200,
      headers: result.headers as Record<string, string>,
      body: Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8'),
    };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        rmSync(folder, { recursive: true });
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As API Gateway itself answers. */
function refusal(status: number, message: string) {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * Before anything that takes time is done. Another program may take a port in the meantime: then its server fails later,
 * with the same error.
 *
 * @param ports 0 is any free one
 * @throws the system's error (`code`: EADDRINUSE, EACCES; `port`)
 */
export async function requireFreePorts(ports: readonly number[]): Promise<void> {
  for (const port of ports.filter((one) => one !== 0)) {
    await new Promise<void>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(port, HOST, () => server.close(() => resolve()));
    });
  }
}

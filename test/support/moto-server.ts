import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { until } from './until.ts';

/** Why the emulator cannot be started here, and what to do about it; `undefined` where it can. */
export function whyNoMoto(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import moto.server'], { stdio: 'ignore' });
  return status === 0
    ? undefined
    : "no emulator of AWS: install it with `pip install 'moto[server]==5.2.1'` to run these tests";
}

/** An emulated AWS, in memory. */
export interface MotoServer {
  /** For `AWS_ENDPOINT_URL`. */
  url: string;
  /** What it has printed, for people who look for what went wrong. */
  printed(): string;
  stop(): Promise<void>;
}

/** `moto_server` on a free port of 127.0.0.1; resolves when it answers. */
export async function startMoto(): Promise<MotoServer> {
  const port = await freePort();
  const child = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const ended = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  await until('an answer of moto', () => isUp(url, child));
  return {
    url,
    printed: () => printed,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function isUp(url: string, child: ChildProcess): Promise<true | undefined> {
  if (child.exitCode !== null) throw new Error(`moto ended with exit code ${child.exitCode}`);
  try {
    return (await fetch(`${url}/moto-api/`)).ok || undefined;
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

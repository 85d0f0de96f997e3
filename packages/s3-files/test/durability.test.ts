import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ObjectCreated, startS3Server } from '../src/s3-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qure-dropoff-s3-crash-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function startChild(
  dataDir: string,
  eventsFile: string,
): Promise<{ child: ChildProcess; url: string }> {
  const program = fileURLToPath(new URL('./crash-server.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataDir, eventsFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url };
}

describe('after kill -9', () => {
  it('keeps every acknowledged put, and has sent or sends its notification', async () => {
    const dataDir = join(folder, 'killed');
    const eventsFile = join(folder, 'events');
    await writeFile(eventsFile, '');
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { child, url } = await startChild(dataDir, eventsFile);
      let goesOn = true;
      const target = acknowledged.length + 60;
      const writers = Array.from({ length: 6 }, async (_, writer) => {
        for (let n = 0; goesOn; n++) {
          const key = `${round}-${writer}-${n}`;
          try {
            const answer = await fetch(`${url}/drop/${key}`, { method: 'PUT', body: key.repeat(5_000) });
            if (answer.status === 200) acknowledged.push(key);
          } catch {
            return;
          }
          // The kill comes while the other writers' puts are under way.
          if (acknowledged.length >= target) child.kill('SIGKILL');
        }
      });
      await once(child, 'exit');
      goesOn = false;
      await Promise.all(writers);
    }

    const events: ObjectCreated[] = [];
    const server = await startS3Server({
      dataDir,
      port: 0,
      buckets: ['drop'],
      notify: async (event) => void events.push(event),
    });
    try {
      expect(acknowledged.length).toBeGreaterThanOrEqual(180);
      for (const key of acknowledged) {
        const answer = await fetch(`${server.url}/drop/${key}`);
        expect(await answer.text()).toBe(key.repeat(5_000));
      }
      const delivered = (await readFile(eventsFile, 'utf8')).trim().split('\n');
      await vi.waitFor(() => {
        const told = new Set([
          ...delivered.map((line) => (JSON.parse(line) as ObjectCreated).key),
          ...events.map((event) => event.key),
        ]);
        expect(acknowledged.filter((key) => !told.has(key))).toEqual([]);
      });
    } finally {
      await server.close();
    }
  });
});

describe('notifications', () => {
  it('are retried after a failure, and after a restart', async () => {
    const dataDir = join(folder, 'retried');
    let calls = 0;
    const failing = await startS3Server({
      dataDir,
      port: 0,
      buckets: ['drop'],
      notify: async () => {
        calls++;
        throw new Error('the queue is away');
      },
    });
    await fetch(`${failing.url}/drop/a%20b`, { method: 'PUT', body: 'content' });
    await vi.waitFor(() => expect(calls).toBeGreaterThan(1), 10_000);
    await failing.close();
    const events: ObjectCreated[] = [];
    const notify = async (event: ObjectCreated) => void events.push(event);
    const server = await startS3Server({ dataDir, port: 0, buckets: ['drop'], notify });
    await vi.waitFor(() =>
      expect(events).toMatchObject([
        {
          bucket: 'drop',
          key: 'a b',
          sizeBytes: 7,
          etag: '9a0364b9e99bb480dd25e1f0284c8555',
          eventName: 'ObjectCreated:Put',
        },
      ]),
    );
    await server.close();
    const again = await startS3Server({ dataDir, port: 0, buckets: ['drop'], notify });
    await again.close();
    expect(events).toHaveLength(1);
  });

  it('are sent only for the configured buckets', async () => {
    const events: ObjectCreated[] = [];
    const server = await startS3Server({
      dataDir: join(folder, 'named'),
      port: 0,
      buckets: ['drop', 'results'],
      notifyBuckets: ['drop'],
      notify: async (event) => void events.push(event),
    });
    await fetch(`${server.url}/results/a`, { method: 'PUT', body: 'x' });
    await fetch(`${server.url}/drop/b`, { method: 'PUT', body: 'x' });
    await vi.waitFor(() => expect(events.map((event) => event.key)).toEqual(['b']));
    await fetch(`${server.url}/drop/b`, { method: 'PUT', body: 'y' });
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect((events[1]?.sequencer ?? '') > (events[0]?.sequencer ?? '')).toBe(true);
    await server.close();
  });
});

describe('starting', () => {
  it('rejects with a code if the port or the data directory is in use', async () => {
    const options = { dataDir: join(folder, 'first'), port: 0, buckets: ['drop'] };
    const server = await startS3Server(options);
    const taken = { ...options, dataDir: join(folder, 'second'), port: server.port };
    await expect(startS3Server(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(startS3Server(options)).rejects.toMatchObject({ code: 'EBUSY' });
    await server.close();
    await (await startS3Server(options)).close();
  });

  it('removes files without an object', async () => {
    const options = { dataDir: join(folder, 'orphans'), port: 0, buckets: ['drop'] };
    const first = await startS3Server(options);
    await fetch(`${first.url}/drop/kept`, { method: 'PUT', body: 'kept' });
    await first.close();
    const orphan = join(options.dataDir, 'bodies', 'ab', `ab${'0'.repeat(30)}`);
    await writeFile(orphan, 'left over by a crash');
    const second = await startS3Server(options);
    await expect(readFile(orphan)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await (await fetch(`${second.url}/drop/kept`)).text()).toBe('kept');
    await second.close();
  });
});

import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirInUseError, lockDataDir } from '../../../local/cloud/data-dir-lock.ts';
import { type BusEvent, EventLog } from '../../../local/cloud/event-log.ts';
import { LogFile } from '../../../local/lambda/log-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-cloud-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('locks a data directory for one host', async () => {
  const unlock = await lockDataDir(folder);
  await expect(lockDataDir(folder)).rejects.toThrow(DataDirInUseError);
  await expect(lockDataDir(folder)).rejects.toThrow(`in use by process ${process.pid}`);
  const waiting = lockDataDir(folder, 30_000);
  unlock();
  (await waiting)();
});

it('limits the size of a log, and keeps the previous file', () => {
  const path = join(folder, 'logs', 'sweep.log');
  const log = new LogFile(path, 100);
  for (let i = 0; i < 50; i++) log.append(`line ${i} of the log`);
  log.close();
  log.append('after the end');
  expect(statSync(path).size).toBeLessThan(130);
  expect(statSync(`${path}.1`).size).toBeLessThan(130);
  expect(readFileSync(path, 'utf8')).toMatch(/line 49 of the log\n$/);
});

describe('the file of events', () => {
  const event = (id: string) => ({ id, detail: { text: 'ä'.repeat(50) } }) as unknown as BusEvent;
  const idsIn = (path: string) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
  let path = '';
  beforeEach(() => {
    path = join(folder, 'events.jsonl');
  });

  it('keeps whole lines where the system takes a part at a time', () => {
    const log = new EventLog(path, ((file: number, bytes: Buffer) =>
      writeSync(file, bytes.subarray(0, 7))) as typeof writeSync);
    log.append([event('1'), event('2')]);
    log.append([event('3')]);
    log.close();
    expect(idsIn(path)).toEqual(['1', '2', '3']);
  });

  it('keeps nothing of events for which the disk has no room, and the next ones whole', () => {
    let room = 1000;
    const log = new EventLog(path, ((file: number, bytes: Buffer) => {
      const taken = bytes.subarray(0, room);
      if (taken.length === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      room -= taken.length;
      return writeSync(file, taken);
    }) as typeof writeSync);
    log.append([event('1')]);
    room = 200;
    expect(() => log.append([event('2'), event('3')])).toThrow('no space left');
    room = 1000;
    log.append([event('4')]);
    log.close();
    expect(idsIn(path)).toEqual(['1', '4']);
  });

  it('begins a new line after one that a kill has torn', () => {
    writeFileSync(path, `${JSON.stringify(event('1'))}\n`);
    appendFileSync(path, '{"id":"torn');
    const log = new EventLog(path);
    log.append([event('2')]);
    log.append([event('3')]);
    log.close();
    const [first, torn, ...rest] = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(torn).toBe('{"id":"torn');
    expect([first, ...rest].map((line = '') => JSON.parse(line).id)).toEqual(['1', '2', '3']);
  });
});

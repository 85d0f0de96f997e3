import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Schedule } from '../../../local/lambda/schedule.ts';

const DAY_MS = 86_400_000;
const schedule = (everyMs: number, input?: string) => ({
  logicalId: 'Rule',
  functionName: 'sweep',
  everyMs,
  input,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Schedule', () => {
  it('invokes once per period, with its constant input', async () => {
    const payloads: string[] = [];
    const under = new Schedule({
      schedule: schedule(60_000, '{"full":true}'),
      invoke: async (payload) => payloads.push(payload),
      onProblem: () => undefined,
    });
    await vi.advanceTimersByTimeAsync(59_999);
    expect(payloads).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(payloads).toEqual(['{"full":true}', '{"full":true}']);
    under.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(payloads).toHaveLength(2);
  });

  it('sends a Scheduled Event when there is no input', async () => {
    const payloads: string[] = [];
    const under = new Schedule({
      schedule: schedule(60_000),
      invoke: async (payload) => payloads.push(payload),
      onProblem: () => undefined,
    });
    await under.runNow();
    under.stop();
    expect(JSON.parse(payloads[0] ?? '')).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
    });
  });

  it('waits for a period that is longer than the longest timer', async () => {
    let runs = 0;
    const under = new Schedule({
      schedule: schedule(30 * DAY_MS),
      invoke: async () => runs++,
      onProblem: () => undefined,
    });
    await vi.advanceTimersByTimeAsync(29 * DAY_MS);
    expect(runs).toBe(0);
    await vi.advanceTimersByTimeAsync(DAY_MS);
    expect(runs).toBe(1);
    under.stop();
  });

  it('never has two concurrent runs', async () => {
    let runs = 0;
    let finish: () => void = () => undefined;
    const under = new Schedule({
      schedule: schedule(1000),
      invoke: () => {
        runs += 1;
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
      onProblem: () => undefined,
    });
    await vi.advanceTimersByTimeAsync(5000);
    expect(runs).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toBe(2);
    under.stop();
  });

  it('logs a failure and continues', async () => {
    const problems: string[] = [];
    const under = new Schedule({
      schedule: schedule(1000),
      invoke: () => Promise.reject(new Error('down')),
      onProblem: (message) => problems.push(message),
    });
    await vi.advanceTimersByTimeAsync(2000);
    under.stop();
    expect(problems).toEqual(['scheduled run failed: down', 'scheduled run failed: down']);
  });
});

import { afterEach, expect, it } from 'vitest';
import { PauseWatch } from '../../../local/lambda/pause-watch.ts';

let watch: PauseWatch | undefined;
afterEach(() => watch?.stop());

function start(afterPause: () => Promise<unknown>) {
  const clock = { ms: Date.parse('2026-03-01T12:00:00Z') };
  watch = new PauseWatch({ afterPause, onProblem: () => undefined, now: () => clock.ms });
  return { watch, clock };
}

it.each([
  { name: 'the machine slept', seconds: 7_200, times: 1 },
  { name: 'the clock was set back', seconds: -7_200, times: 1 },
  { name: 'the process was busy', seconds: 2.5, times: 0 },
])('handles a pause once, and nothing shorter: $name', async ({ seconds, times }) => {
  let handled = 0;
  const { watch, clock } = start(async () => {
    handled += 1;
  });
  clock.ms += seconds * 1000;
  await Promise.all([watch.handled(), watch.handled()]);
  await watch.handled();
  expect(handled).toBe(times);
});

it('handles a pause again while that fails', async () => {
  let tries = 0;
  const { watch, clock } = start(async () => {
    tries += 1;
    if (tries < 3) throw new Error('no table');
  });
  clock.ms += 7_200_000;
  await expect(watch.handled()).rejects.toThrow('no table');
  await expect(watch.handled()).rejects.toThrow('no table');
  await watch.handled();
  await watch.handled();
  expect(tries).toBe(3);
});

it('lets every caller wait until the pause is handled', async () => {
  const open = Promise.withResolvers<void>();
  const { watch, clock } = start(() => open.promise);
  clock.ms += 7_200_000;
  const order: string[] = [];
  const waits = ['a', 'b'].map((name) => watch.handled().then(() => order.push(name)));
  await new Promise(setImmediate);
  order.push('handled');
  open.resolve();
  await Promise.all(waits);
  expect(order).toEqual(['handled', 'a', 'b']);
});

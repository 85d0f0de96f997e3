import { describe, expect, test } from 'vitest';
import { holdSeconds } from '../../../functions/admission/hold-waits.ts';
import { acquireSlot, releaseSlot, WAIT_QUEUE_LENGTH } from '../../../functions/admission/quota.ts';
import { NEW_SOURCE_STATE } from '../../../functions/admission/source-state.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import { Random } from '../../simulation/random.ts';

const START = '2026-03-01T08:00:00.000Z';

interface Happening {
  series: number;
  /** Since when it is held back; absent for one that comes anew. */
  sinceSeconds?: number;
  isOver?: boolean;
}

/** Series of one source that come within some time, each at Qure for `turnSeconds` on average, second by second. */
function lineOf(series: number, limit: number, turnSeconds: number, comeWithinSeconds: number) {
  const limits = { maxConcurrentSeries: limit };
  const random = new Random(7);
  const planned = new Map<number, Happening[]>();
  const plan = (atSeconds: number, happening: Happening) => {
    const second = Math.ceil(atSeconds);
    planned.set(second, [...(planned.get(second) ?? []), happening]);
  };
  for (let nth = 0; nth < series; nth += 1) plan((nth * comeWithinSeconds) / series, { series: nth });
  const admitted: number[] = [];
  let state = NEW_SOURCE_STATE;
  let asks = 0;
  let mostAtOnce = 0;
  let second = 0;
  for (let ended = 0; ended < series; second += 1) {
    const now = addSeconds(START, second);
    for (const { series: nth, sinceSeconds = second, isOver } of planned.get(second) ?? []) {
      const id = `series-${nth}`;
      if (isOver === true) {
        state = releaseSlot(state, id, 1);
        ended += 1;
        continue;
      }
      asks += 1;
      const since = addSeconds(START, sinceSeconds);
      const request = { id, ticket: 1, isUrgent: false, takesUnit: true, since };
      const answer = acquireSlot(state, limits, request, now);
      state = answer.state;
      mostAtOnce = Math.max(mostAtOnce, state.slots.length);
      if (answer.kind === 'admitted') {
        admitted.push(nth);
        plan(second + turnSeconds * (0.5 + random.next()), { series: nth, isOver: true });
      } else {
        plan(second + holdSeconds(answer, limits, false, since, now, random.next()), {
          series: nth,
          sinceSeconds,
        });
      }
    }
    planned.delete(second);
  }
  const overtakenBy = Math.max(...admitted.map((nth, at) => at - nth));
  return { asksPerSecond: asks / second, overtakenBy, mostAtOnce, seconds: second };
}

describe.each([
  { name: 'a handful', series: 50, limit: 1, turnSeconds: 60, comeWithinSeconds: 60 },
  { name: 'more than the line holds', series: 300, limit: 1, turnSeconds: 60, comeWithinSeconds: 60 },
  { name: 'an archive', series: 1_000, limit: 4, turnSeconds: 60, comeWithinSeconds: 600 },
])('$name, of which all wait', ({ series, limit, turnSeconds, comeWithinSeconds }) => {
  const seen = lineOf(series, limit, turnSeconds, comeWithinSeconds);

  test('is admitted at the rate that the limit allows, and not above it', () => {
    expect(seen.mostAtOnce).toBe(limit);
    expect(seen.seconds).toBeLessThan(1.1 * ((series * turnSeconds) / limit));
  });

  test('keeps roughly the order in which it came', () => {
    expect(seen.overtakenBy).toBeLessThan(WAIT_QUEUE_LENGTH);
  });

  test('retries a few times a second in total', () => {
    expect(seen.asksPerSecond).toBeLessThan(8);
  });
});

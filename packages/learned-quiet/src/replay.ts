import TinyQueue from 'tinyqueue';
import type { Arrival } from './arrival.ts';
import { ArrivedSeries } from './arrived-series.ts';

/** An arrival of a trace. A sender is what has a habit: a source, a station and a modality. */
export interface TracedArrival extends Arrival {
  /** Equal for the arrivals of one series. */
  series: string;
  sender: string;
  modality?: string;
}

export interface Decision<Evidence> {
  series: string;
  atMs: number;
  evidence: Evidence;
  /** 1, and one more after each late instance. */
  generation: number;
}

/** What decides when a series is complete; it is told of each series whose end is known. */
export interface Policy<Evidence> {
  judge(
    arrived: ArrivedSeries,
    sender: string,
    modality: string | undefined,
    arrivals: readonly Arrival[],
  ): { seconds: number; evidence: Evidence };
  /** An instance came after the series had been called complete. */
  wasLate(sender: string): void;
  /** No instance came for `LATE_SECONDS` after the series had been called complete. */
  hasEnded(sender: string, arrivals: readonly Arrival[], modality: string | undefined): void;
}

/** An instance that comes later after the decision is not expected any more. */
export const LATE_SECONDS = 900;
/** No policy decides earlier after an arrival. */
const SHORTEST_WAIT_MS = 1_000;

interface Run {
  id: string;
  sender: string;
  modality: string | undefined;
  arrived: ArrivedSeries;
  arrivals: Arrival[];
  generation: number;
  state: 'receiving' | 'complete';
  /** The one that counts; others of the queue are over. */
  timer: Timer | undefined;
}

interface Timer {
  atMs: number;
  run: Run;
}

/**
 * When a policy calls the series of a trace complete, in the order of time.
 *
 * @param trace arrivals in any order
 */
export function* replay<Evidence>(
  trace: readonly TracedArrival[],
  policy: Policy<Evidence>,
): Generator<Decision<Evidence>> {
  const runs = new Map<string, Run>();
  const timers = new TinyQueue<Timer>([], (one, other) => one.atMs - other.atMs);
  const arm = (run: Run, atMs: number) => {
    run.timer = { atMs, run };
    timers.push(run.timer);
  };
  function* passTo(untilMs: number): Generator<Decision<Evidence>> {
    for (let timer = timers.peek(); timer !== undefined && timer.atMs <= untilMs; timer = timers.peek()) {
      timers.pop();
      const { run, atMs } = timer;
      if (run.timer !== timer) continue;
      run.timer = undefined;
      if (run.state === 'complete') {
        policy.hasEnded(run.sender, run.arrivals, run.modality);
        continue;
      }
      const { seconds, evidence } = policy.judge(run.arrived, run.sender, run.modality, run.arrivals);
      const dueMs = (run.arrived.lastMs ?? atMs) + seconds * 1000;
      if (dueMs > atMs) {
        arm(run, dueMs);
        continue;
      }
      run.state = 'complete';
      yield { series: run.id, atMs, evidence, generation: run.generation };
      arm(run, atMs + LATE_SECONDS * 1000);
    }
  }
  for (const arrival of trace.toSorted(byTime)) {
    const { series: id, sender, modality } = arrival;
    yield* passTo(arrival.atMs);
    const run = runs.get(id) ?? newRun(id, sender, modality);
    runs.set(id, run);
    const isNew = run.arrived.add(arrival);
    run.arrivals.push(arrival);
    if (run.state === 'complete') {
      // A repeated instance changes nothing of what was judged.
      if (!isNew) continue;
      policy.wasLate(run.sender);
      run.state = 'receiving';
      run.generation += 1;
    }
    const soonMs = arrival.atMs + SHORTEST_WAIT_MS;
    if (run.timer === undefined || run.timer.atMs > soonMs) arm(run, soonMs);
  }
  yield* passTo(Number.POSITIVE_INFINITY);
}

/** Whatever the order of a trace, the same comes first of what came at one time. */
function byTime(one: TracedArrival, other: TracedArrival): number {
  return (
    one.atMs - other.atMs ||
    inOrder(one.series, other.series) ||
    inOrder(one.sopInstanceUid, other.sopInstanceUid)
  );
}

function inOrder(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function newRun(id: string, sender: string, modality: string | undefined): Run {
  return {
    id,
    sender,
    modality,
    arrived: new ArrivedSeries(),
    arrivals: [],
    generation: 1,
    state: 'receiving',
    timer: undefined,
  };
}

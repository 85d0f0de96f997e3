import * as z from '../../functions/shared/schema.ts';

/** Seconds of one series, in the order in which they follow one another. */
export interface Stages {
  /** From the first PUT to the last one. */
  arrival: number;
  /** To the judgement that the series is whole. */
  wait: number;
  /** To the first request to Qure. */
  queue: number;
  /** To the compute call, or to the receipt where there is none. */
  upload: number;
  /** Until Qure has the result. */
  compute: number;
  /** Until a poll has found it. */
  poll: number;
  /** Until it is stored with its files, and announced. */
  assets: number;
}

export const STAGE_NAMES = ['arrival', 'wait', 'queue', 'upload', 'compute', 'poll', 'assets'] as const;

/** `GET /v1/series/{uid}`, as far as it is read here. */
export const seriesAnswer = z.object({
  state: z.string(),
  reason: z.optional(z.string()),
  timeline: z.array(z.object({ step: z.string(), at: z.iso.datetime(), polls: z.optional(z.number()) })),
});
type SeriesAnswer = z.infer<typeof seriesAnswer>;

/** @param dropped when the first and the last PUT began and ended, in milliseconds */
export function stagesOf(
  { state, reason = '', timeline }: SeriesAnswer,
  dropped: { firstMs: number; lastMs: number },
  computeSeconds: number,
): Stages {
  const find = (step: string) => timeline.find((entry) => entry.step === step);
  const at = (step: string) => {
    const found = find(step);
    if (found === undefined)
      throw new Error(`expected a result with the step ${step}, got ${state} ${reason}`);
    return Date.parse(found.at);
  };
  // X-rays are computed without a call.
  const begunMs = at(find('computeCalled') === undefined ? 'uploaded' : 'computeCalled');
  const readyMs = begunMs + computeSeconds * 1000;
  const seconds = (fromMs: number, toMs: number) => Math.max(0, (toMs - fromMs) / 1000);
  return {
    arrival: seconds(dropped.firstMs, dropped.lastMs),
    wait: seconds(dropped.lastMs, at('judged')),
    queue: seconds(at('judged'), at('uploadBegan')),
    upload: seconds(at('uploadBegan'), begunMs),
    compute: computeSeconds,
    poll: seconds(readyMs, at('polled')),
    assets: seconds(at('polled'), at('announced')),
  };
}

/** From the last image on. */
export function secondsAfterLast(stages: Stages): number {
  return STAGE_NAMES.filter((name) => name !== 'arrival').reduce((sum, name) => sum + stages[name], 0);
}

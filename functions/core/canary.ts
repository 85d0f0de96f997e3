import * as z from 'zod';
import { isFinal, type Series } from './series.ts';
import { addSeconds, type Instant, secondsBetween } from './time.ts';

/** How a study of the canary may end well. `UNSUPPORTED`: Qure has looked at it, and may refuse what no scanner made. */
const CANARY_STATES = ['DONE', 'UNSUPPORTED', 'SKIPPED'] as const;
export type CanaryState = (typeof CANARY_STATES)[number];

/** The value of `ENV.canary`, as JSON. Written out: the types of the package name none of zod. */
export interface CanarySettings {
  /** Whose scans the studies are. */
  source: string;
  /** That of the source; ends in `/`. */
  prefix: string;
  everyMinutes: number;
  /** A study has to be final so long after it was dropped. */
  withinMinutes: number;
  expectedStates: CanaryState[];
}

const canarySettings = z.strictObject({
  source: z.string().min(1),
  prefix: z.string().endsWith('/'),
  everyMinutes: z.number().positive(),
  withinMinutes: z.number().positive(),
  expectedStates: z.array(z.enum(CANARY_STATES)).min(1),
}) satisfies z.ZodType<CanarySettings>;

/** Throws for anything but settings as JSON. */
export function parseCanarySettings(text: string): CanarySettings {
  return canarySettings.parse(JSON.parse(text));
}

/** Where the studies lie, each in a folder named for its run. */
export function canaryFolder(sourcePrefix: string): string {
  return `${sourcePrefix}canary/`;
}

/** A study whose marker is there: it was dropped as a whole. */
export interface CanaryDrop {
  /** The folder's name, `20260301T080000Z`. */
  run: string;
  /** When its marker was. */
  droppedAt: Instant;
}

export type CanaryVerdict =
  | { kind: 'pending' }
  | { kind: 'succeeded'; decidedAt: Instant; seconds: number }
  | { kind: 'failed'; decidedAt: Instant; why: 'not_indexed' | 'overdue' | 'unexpected_state' };

/**
 * Judges a study by its row at `now`. The instant of the decision depends on the study alone, on when it became final or should
 * have: so that whichever run comes next after it can tell that it is the one to report it.
 */
export function judgeCanary(
  { droppedAt }: CanaryDrop,
  series: Series | undefined,
  { withinMinutes, expectedStates }: Pick<CanarySettings, 'withinMinutes' | 'expectedStates'>,
  now: Instant,
): CanaryVerdict {
  const deadline = addSeconds(droppedAt, withinMinutes * 60);
  if (series === undefined || !isFinal(series) || series.changedAt > deadline) {
    if (now <= deadline) return { kind: 'pending' };
    return { kind: 'failed', decidedAt: deadline, why: series === undefined ? 'not_indexed' : 'overdue' };
  }
  const { state, changedAt } = series;
  if (!(expectedStates as readonly string[]).includes(state)) {
    return { kind: 'failed', decidedAt: changedAt, why: 'unexpected_state' };
  }
  // S3 keeps whole seconds, and a study whose marker was put again may have been final before it.
  return {
    kind: 'succeeded',
    decidedAt: changedAt,
    seconds: Math.max(0, secondsBetween(droppedAt, changedAt)),
  };
}

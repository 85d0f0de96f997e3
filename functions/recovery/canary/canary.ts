import { isFinal, type Series } from '../../series/series.ts';
import * as z from '../../shared/schema.ts';
import { addSeconds, type Instant, secondsBetween } from '../../shared/time.ts';

/** Final states that can count as success. `UNSUPPORTED`: Qure has received the study, and may refuse a synthetic one. */
const CANARY_STATES = ['DONE', 'UNSUPPORTED', 'SKIPPED'] as const;
export type CanaryState = (typeof CANARY_STATES)[number];

/** The value of `ENV.canary`, as JSON. Not inferred from the schema: the published types must not need zod. */
export interface CanarySettings {
  /** The source whose prefix the studies are dropped below. */
  source: string;
  /** The prefix of the source; ends in `/`. */
  prefix: string;
  everyMinutes: number;
  /** The time after the drop within which a study must be final. */
  withinMinutes: number;
  expectedStates: CanaryState[];
}

const canarySettings = z.strictObject({
  source: z.string().check(z.minLength(1)),
  prefix: z.string().check(z.endsWith('/')),
  everyMinutes: z.number().check(z.positive()),
  withinMinutes: z.number().check(z.positive()),
  expectedStates: z.array(z.enum(CANARY_STATES)).check(z.minLength(1)),
}) satisfies z.ZodMiniType<CanarySettings>;

/** Throws for anything but settings as JSON. */
export function parseCanarySettings(text: string): CanarySettings {
  return canarySettings.parse(JSON.parse(text));
}

/** The folder of the studies; each run has a subfolder of its own. */
export function canaryFolder(sourcePrefix: string): string {
  return `${sourcePrefix}canary/`;
}

/** A study with its marker: it was dropped completely. */
export interface CanaryDrop {
  /** The folder's name, `20260301T080000Z`. */
  run: string;
  /** When its marker was dropped. */
  droppedAt: Instant;
}

export type CanaryVerdict =
  | { kind: 'pending' }
  | { kind: 'succeeded'; decidedAt: Instant; seconds: number }
  | { kind: 'failed'; decidedAt: Instant; why: 'not_indexed' | 'overdue' | 'unexpected_state' };

/**
 * Decides about a study by its row at `now`. `decidedAt` depends only on the study: when it became final, or should have. So the
 * first run after that instant knows that it has to report the study.
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
  // S3 keeps whole seconds, and the marker may have been put again after the study was final.
  return {
    kind: 'succeeded',
    decidedAt: changedAt,
    seconds: Math.max(0, secondsBetween(droppedAt, changedAt)),
  };
}

/** The drop bucket as a sender has it: the canary drops as a site does. */
export interface DropWriter {
  put(key: string, body: Uint8Array): Promise<void>;
}

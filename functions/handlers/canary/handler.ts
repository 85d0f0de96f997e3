import { type CanaryDeps, type CanaryReport, runCanary } from '../../recovery/canary/run-canary.ts';
import * as z from '../../shared/schema.ts';
import { secondsBetween } from '../../shared/time.ts';

/** The time of a scheduled event is the same for a repeated delivery. Source: EventBridge user guide, "Scheduled events". */
const scheduledEvent = z.object({ time: z.optional(z.iso.datetime()) });

/** A clock may be behind that of EventBridge. */
const MAX_AHEAD_SECONDS = 300;

/** The schedule's event in, or `{}` from a person: one run. */
export function createHandler(deps: CanaryDeps) {
  return async (event: unknown): Promise<CanaryReport> => {
    const { time } = scheduledEvent.parse(event ?? {});
    const now = deps.clock().toISOString();
    const at = time === undefined ? now : new Date(time).toISOString();
    const ageSeconds = secondsBetween(at, now);
    if (ageSeconds > deps.settings.everyMinutes * 60 || ageSeconds < -MAX_AHEAD_SECONDS) {
      // Delayed for so long that the next run has come: its folder would be among those that are reported already.
      deps.log('warn', 'canary run skipped: its event is too old or in the future', { ageSeconds });
      return { succeeded: 0, failed: 0, hasDropped: false };
    }
    return runCanary(deps, at);
  };
}

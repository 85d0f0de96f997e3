import { Duration } from 'aws-cdk-lib';
import type { StageLimits } from './stage-limits.ts';

// Without the CDK, so that the command line can have them.
export { type AllStageLimits, STAGES, type StageLimits, type StageName } from './stage-limits.ts';

/**
 * Every number of the deployment that depends on another one. Seconds, unless the name says otherwise.
 */

/**
 * A message must stay invisible for longer than its function can run. Otherwise a second invocation gets it while the
 * first still works. Lambda refuses a mapping whose queue is shorter than the function's timeout; the margin also
 * covers the time of the poller.
 */
const VISIBILITY_MARGIN_SECONDS = 30;

/** See `VISIBILITY_MARGIN_SECONDS`. */
export function visibilityTimeoutOf({ timeoutSeconds }: StageLimits): Duration {
  return Duration.seconds(timeoutSeconds + VISIBILITY_MARGIN_SECONDS);
}

/** The longest retention of SQS: enough for a weekend and the week after it to handle a dead letter. */
export const MESSAGE_RETENTION = Duration.days(14);

/**
 * One run ends before the next one starts. Each resumes the pass of the day, or finds that it has ended: 14 of every 15 minutes
 * are enough for millions of objects a day.
 */
export const RECONCILE = { everyMinutes: 15, timeoutSeconds: 840, memoryMb: 512 };

/** One sweep ends before the next one starts. */
export const SWEEP = { everyMinutes: 1, timeoutSeconds: 60, memoryMb: 512 };

/** A study an hour, which normally is final within minutes. A run puts 25 small objects and reads some rows. */
export const CANARY = { everyMinutes: 60, withinMinutes: 30, timeoutSeconds: 120, memoryMb: 512 };

/** API Gateway ends an integration after 30 seconds. */
export const API = { timeoutSeconds: 30, memoryMb: 512 };

/**
 * Requests per second of all callers together, and at one moment. A page that is looked at sends about one a second. A call takes well
 * under a second, so these are some 20 invocations beside the 114 of the queues; further callers get 429 and retry.
 */
export const HTTP_API_THROTTLE = { rateLimit: 100, burstLimit: 200 };

/** An interrupted sender may resume its multipart upload within a week; afterwards the parts only cost money. */
export const ABANDONED_UPLOAD_RETENTION = Duration.days(7);

/** An object that was overwritten or deleted by mistake can be restored for so long. */
export const NONCURRENT_VERSION_RETENTION = Duration.days(30);

/** Access logs are kept for a year of audits. */
export const ACCESS_LOG_RETENTION = Duration.days(365);

/** Alarms evaluate whole minutes: SQS and Lambda publish their metrics once a minute. */
export const ALARM_PERIOD = Duration.minutes(1);

/** The longest wait between two checks of a series is a delay of 15 minutes (SQS) and the delay of the sweep. */
export const LATE_RESULTS_PERIOD = Duration.minutes(15);

/** Of a day: above this share of wrong ones, once there are a few; one of a small number says nothing. */
export const MISJUDGED = { share: 0.005, atLeast: 5, period: Duration.days(1) };

/** A few reports and thumbnails beside the scans are usual; so many in an hour indicate a wrong export. */
export const QUARANTINE_FLOOD = { objects: 500, period: Duration.hours(1) };

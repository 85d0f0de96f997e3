import * as z from '../shared/schema.ts';

/** `all`: from the last object, or the wish to compute again, until the result is stored. */
export const TURNAROUND_STAGES = ['arriving', 'judging', 'waiting', 'uploading', 'computing', 'all'] as const;

export const stageTurnaround = z.object({
  stage: z.enum(TURNAROUND_STAGES),
  count: z.int().check(z.minimum(1), z.describe('Of how many series it is known')),
  p50Seconds: z.number().check(z.minimum(0)),
  p95Seconds: z.number().check(z.minimum(0)),
});

import * as z from 'zod';

/**
 * What the queues carry between the stages. UIDs, numbers and hashes only: an object key may hold a name, so
 * a marker travels as its hash.
 */
const seriesFields = z.object({
  source: z.string().min(1),
  seriesInstanceUid: z.string().min(1),
  /** See `SeriesCommon.ticket`. */
  ticket: z.number().int(),
});

export const completionMessage = z.discriminatedUnion('kind', [
  /** Has the series been quiet long enough? Re-armed with the time that remains. */
  seriesFields.extend({ kind: z.literal('quiet') }),
  /** Instances came for a series that is not receiving: does it stand for another set now? */
  z.object({ kind: z.literal('late'), source: z.string().min(1), seriesInstanceUid: z.string().min(1) }),
  /** A generation was judged so long ago that no late instance is expected any more: its sender is learned. */
  z.object({
    kind: z.literal('ended'),
    source: z.string().min(1),
    seriesInstanceUid: z.string().min(1),
    generation: z.number().int(),
  }),
  /** A `_COMPLETE` marker, or instances below one that names counts. */
  z.object({
    kind: z.literal('marker'),
    source: z.string().min(1),
    markerId: z.string().min(1),
    /** How often this marker was looked at; bounds the wait for its objects. */
    tries: z.number().int().min(0).default(0),
    /** Of a marker that names counts: the series of which instances have arrived. Absent: all. */
    series: z.array(z.string().min(1)).exactOptional(),
    /** Sent because enough instances have arrived for the total; another count may have come before. */
    isCounted: z.literal(true).exactOptional(),
    /** The walk goes on at the place of this version. */
    walk: z.number().int().min(0).exactOptional(),
  }),
  /** Entries of an archive are to be indexed, from where its row says. */
  z.object({
    kind: z.literal('archive'),
    source: z.string().min(1),
    archiveId: z.string().min(1),
    /** How often this step was tried; bounds the tries that follow one another closely. */
    tries: z.number().int().min(0).default(0),
  }),
]);
export type CompletionMessage = z.infer<typeof completionMessage>;

/** A message without a priority is a routine one, as were all before there was a choice. */
const jobFields = seriesFields.extend({ priority: z.literal('urgent').exactOptional() });

export const computeMessage = jobFields.extend({
  /** How often in a row Qure could not be reached; lengthens the wait. */
  tries: z.number().int().min(0).default(0),
});
export type ComputeMessage = z.infer<typeof computeMessage>;

/** A message holds 256 KB, and an X-ray series a few instances. */
export const MAX_PROCESSING = 100;

export const resultsMessage = jobFields.extend({
  /** How many polls went before; lengthens the wait. */
  polls: z.number().int().min(0).default(0),
  /** How often in a row Qure could not be asked; lengthens the wait. */
  failures: z.number().int().min(0).default(0),
  /** How many downloads of assets failed in a row. */
  assetTries: z.number().int().min(0).default(0),
  /** Since when Qure gives answers that do not count yet. Lost with the message: the wait then begins anew. */
  waitingSince: z.string().exactOptional(),
  /** Digest of the first of them, where an earlier computation may not have ended. */
  candidate: z.string().exactOptional(),
  /** UIDs of which Qure has said "under process", where that proves that the next answer is a new one. */
  processing: z.array(z.string()).max(MAX_PROCESSING).exactOptional(),
});
export type ResultsMessage = z.infer<typeof resultsMessage>;

export interface Queues {
  sendCompletion(message: CompletionMessage, delaySeconds: number): Promise<void>;
  sendCompute(message: ComputeMessage, delaySeconds: number): Promise<void>;
  sendResults(message: ResultsMessage, delaySeconds: number): Promise<void>;
}

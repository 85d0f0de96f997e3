import * as z from '../shared/schema.ts';

const text = z.string().check(z.minLength(1));
const count = z.int().check(z.minimum(0));

/**
 * What the queues carry between the stages. UIDs, numbers and hashes only: an object key may hold a name, so
 * a marker travels as its hash.
 */
const seriesFields = z.object({
  source: text,
  seriesInstanceUid: text,
  /** See `SeriesCommon.ticket`. */
  ticket: z.int(),
});

/** Made for the first one that is read: the other stages load this file too. */
export const completionMessage = z.lazy(() =>
  z.discriminatedUnion('kind', [
    /** Has the series been quiet long enough? Re-armed with the time that remains. */
    z.extend(seriesFields, { kind: z.literal('quiet') }),
    /** Instances came for a series that is not receiving: does it stand for another set now? */
    z.object({
      kind: z.literal('late'),
      source: text,
      seriesInstanceUid: text,
    }),
    /** A generation was judged so long ago that no late instance is expected any more: its sender is learned. */
    z.object({
      kind: z.literal('ended'),
      source: text,
      seriesInstanceUid: text,
      generation: z.int(),
    }),
    /** A `_COMPLETE` marker, or instances below one that names counts. */
    z.object({
      kind: z.literal('marker'),
      source: text,
      markerId: text,
      /** How often this marker was looked at; bounds the wait for its objects. */
      tries: z._default(count, 0),
      /** Of a marker that names counts: the series of which instances have arrived. Absent: all. */
      series: z.exactOptional(z.array(text)),
      /** Sent because enough instances have arrived for the total; another count may have come before. */
      isCounted: z.exactOptional(z.literal(true)),
      /** The walk goes on at the place of this version. */
      walk: z.exactOptional(count),
    }),
    /** Entries of an archive are to be indexed, from where its row says. */
    z.object({
      kind: z.literal('archive'),
      source: text,
      archiveId: text,
      /** How often this step was tried; bounds the tries that follow one another closely. */
      tries: z._default(count, 0),
    }),
  ]),
);
export type CompletionMessage = z.infer<typeof completionMessage>;

/** A message without a priority is a routine one, as were all before there was a choice. */
const jobFields = z.extend(seriesFields, { priority: z.exactOptional(z.literal('urgent')) });

export const computeMessage = z.extend(jobFields, {
  /** How often in a row Qure could not be reached; lengthens the wait. */
  tries: z._default(count, 0),
});
export type ComputeMessage = z.infer<typeof computeMessage>;

/** A message holds 256 KB, and an X-ray series a few instances. */
export const MAX_PROCESSING = 100;

export const resultsMessage = z.extend(jobFields, {
  /** How many polls went before; lengthens the wait. */
  polls: z._default(count, 0),
  /** How often in a row Qure could not be asked; lengthens the wait. */
  failures: z._default(count, 0),
  /** How many downloads of assets failed in a row. */
  assetTries: z._default(count, 0),
  /** Since when Qure gives answers that do not count yet. Lost with the message: the wait then begins anew. */
  waitingSince: z.exactOptional(z.string()),
  /** Digest of the first of them, where an earlier computation may not have ended. */
  candidate: z.exactOptional(z.string()),
  /** UIDs of which Qure has said "under process", where that proves that the next answer is a new one. */
  processing: z.exactOptional(z.array(z.string()).check(z.maxLength(MAX_PROCESSING))),
});
export type ResultsMessage = z.infer<typeof resultsMessage>;

export interface Queues {
  sendCompletion(message: CompletionMessage, delaySeconds: number): Promise<void>;
  sendCompute(message: ComputeMessage, delaySeconds: number): Promise<void>;
  sendResults(message: ResultsMessage, delaySeconds: number): Promise<void>;
}

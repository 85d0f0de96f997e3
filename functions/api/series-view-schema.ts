import * as z from 'zod';
import { POLL_BASES } from '../qure/poll-plan.ts';
import { REGIONS } from '../routing/regions.ts';
import {
  findings,
  modelVersion,
  outsideIndication,
  quality,
  replacedUnconfirmed,
  sameAsGeneration,
  silence,
  triageStatus,
  uid,
  unreadInstances,
  usecase,
} from '../series/result-facts-schema.ts';
import { COMPLETION_REASONS, SERIES_STATES, STOP_REASONS, TRIAGES } from '../series/series-facts.ts';

const text = z.string();
/** ISO 8601 UTC. */
export const instant = z.string().meta({ format: 'date-time' });
const product = text.min(1);

export const computeResponse = z.object({
  httpStatus: z.int(),
  message: text,
  success: z.boolean(),
  authenticated: z.boolean().nullable(),
  at: instant,
});

export const accessionNumber = text.exactOptional().describe('Of the first instance that has one');
export const heldBack = z
  .object({
    reason: z.enum(['concurrency', 'daily_budget', ...STOP_REASONS]),
    since: instant,
    until: instant,
  })
  .exactOptional();

export const TIMELINE_STEPS = [
  'firstObject',
  'lastObject',
  'judged',
  'recomputeRequested',
  'uploadBegan',
  'uploaded',
  'computeCalled',
  'polled',
  'ended',
  'announced',
] as const;

const evidence = z.enum(COMPLETION_REASONS);
const amount = z.int().min(0);
export const isSimulated = z
  .literal(true)
  .exactOptional()
  .describe(
    'The result is of the bundled simulator, by its model version, and means nothing. While a later generation has no result, that of the last one before, as the triage.',
  );

/** A step of the present generation. */
export const timelineEntry = z.object({
  step: z.enum(TIMELINE_STEPS),
  at: instant.describe('Of `polled` the last time, of `computeCalled` the call'),
  evidence: evidence.exactOptional().describe('Of `judged`'),
  silence: silence.exactOptional().describe('Of `judged`, where what is known of the sender decided'),
  instances: amount.exactOptional().describe('Of `judged`'),
  instancesAtQure: amount.exactOptional().describe("Of `uploaded`, by Qure's receipt"),
  answeredAt: instant.exactOptional().describe('Of `computeCalled`, as the next two'),
  httpStatus: z.int().exactOptional(),
  message: text.exactOptional().describe("Qure's own words"),
  polls: z.int().min(1).exactOptional().describe('Of `polled`: how often Qure was asked for the result'),
  schedule: z
    .enum([...POLL_BASES, 'fixed'])
    .exactOptional()
    .describe(
      'Of `polled`: `learned` from how long Qure has computed of late, `default` before enough is known, `fixed` by pollIntervalSeconds',
    ),
  knownResults: amount
    .exactOptional()
    .describe('Of `polled`: of the product, from which its schedule was made'),
  medianSeconds: z
    .number()
    .exactOptional()
    .describe('Of `polled`: half of the results were thought to be there after so long'),
  state: z.enum(SERIES_STATES).exactOptional().describe('Of `ended`: the final state'),
});

/** A generation of a series. */
export const generationView = z.object({
  generation: z.int().min(1),
  state: z.enum(SERIES_STATES).describe('The present one, or the one in which it was left'),
  changedAt: instant.describe('When that state was entered'),
  instances: amount.exactOptional(),
  evidence: evidence.exactOptional(),
  completedAt: instant.exactOptional().describe('When it was judged complete'),
  reason: text.exactOptional(),
  leftAt: instant.exactOptional().describe('When the next generation began'),
  leftFor: z
    .enum(['instances', 'retry'])
    .exactOptional()
    .describe('`instances`: other instances came. `retry`: a person asked for the computation.'),
  triage: z
    .enum(TRIAGES)
    .exactOptional()
    .describe('Of the result with which it was left; `abnormal`: an X-ray that Qure calls critical'),
  isSimulated: z.literal(true).exactOptional().describe('That result is of the bundled simulator'),
  supersededBy: z.int().min(2).exactOptional().describe('The generation whose result replaced this one'),
});

/** A series as the HTTP API shows it. Of the texts of its headers it has only the accession number. */
export const seriesView = z.object({
  source: text,
  studyInstanceUid: uid,
  seriesInstanceUid: uid,
  modality: text.exactOptional(),
  accessionNumber,
  bodyParts: z.array(z.enum(REGIONS)).exactOptional().describe('What the first instance names'),
  product: product.exactOptional().describe('Of an X-ray that is done, the one that answered'),
  routedProduct: product
    .exactOptional()
    .describe('The product that an X-ray was routed to, where Qure answered by another one'),
  priority: z.literal('urgent').exactOptional().describe('Absent for a routine one'),
  state: z.enum(SERIES_STATES),
  reason: text.exactOptional(),
  detail: text.exactOptional(),
  heldBack: heldBack.describe(
    'The series is whole and waits: the limits of its source are used up, or its source is stopped',
  ),
  generation: z.int().min(1),
  instances: z
    .int()
    .min(0)
    .describe('Of the current generation; while it is receiving, those that are indexed so far'),
  evidence: evidence.exactOptional(),
  silence: silence.exactOptional(),
  compute: computeResponse.exactOptional(),
  triageStatus,
  triage: z
    .enum(TRIAGES)
    .exactOptional()
    .describe(
      'critical: qER or qCT wants an expert at once. abnormal: any abnormality of an X-ray. While a later generation has no result, that of the last one before.',
    ),
  isSimulated,
  isInvalidScan: z
    .boolean()
    .exactOptional()
    .describe("The result is Qure's word that the scan is invalid (206)"),
  usecase,
  modelVersion,
  findings,
  unreadInstances,
  sameAsGeneration,
  replacedUnconfirmed,
  quality,
  outsideIndication,
  resultKeys: z.array(text).describe('Keys in the results bucket; in a list the first 50'),
  omittedResultKeys: z.int().min(1).exactOptional().describe('In a list: how many more there are'),
  firstArrivalAt: instant,
  lastArrivalAt: instant,
  changedAt: instant,
});

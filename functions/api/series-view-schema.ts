import { POLL_BASES } from '../qure/poll-plan.ts';
import { REGIONS } from '../routing/regions.ts';
import {
  findings,
  isInvalidScan,
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
import * as z from '../shared/schema.ts';

const text = z.string();
/** ISO 8601 UTC. */
export const instant = z.string().check(z.meta({ format: 'date-time' }));
const product = text.check(z.minLength(1));

export const computeResponse = z.object({
  httpStatus: z.int(),
  message: text,
  success: z.boolean(),
  authenticated: z.nullable(z.boolean()),
  at: instant,
});

export const accessionNumber = z
  .exactOptional(text)
  .check(z.describe('Of the first instance that has one; once the series is judged complete, of the newest'));
export const heldBack = z.exactOptional(
  z.object({
    reason: z.enum(['concurrency', 'daily_budget', ...STOP_REASONS]),
    since: instant,
    until: instant,
  }),
);

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
const amount = z.int().check(z.minimum(0));
export const isSimulated = z
  .exactOptional(z.literal(true))
  .check(
    z.describe(
      'The result is of the bundled simulator, by its model version, and means nothing. While a later generation has no result, that of the last one before, as the triage.',
    ),
  );

/** A step of the present generation. */
export const timelineEntry = z.object({
  step: z.enum(TIMELINE_STEPS),
  at: instant.check(z.describe('Of `polled` the last time, of `computeCalled` the call')),
  evidence: z.exactOptional(evidence).check(z.describe('Of `judged`')),
  silence: z
    .exactOptional(silence)
    .check(z.describe('Of `judged`, where what is known of the sender decided')),
  instances: z.exactOptional(amount).check(z.describe('Of `judged`')),
  instancesAtQure: z.exactOptional(amount).check(z.describe("Of `uploaded`, by Qure's receipt")),
  answeredAt: z.exactOptional(instant).check(z.describe('Of `computeCalled`, as the next two')),
  httpStatus: z.exactOptional(z.int()),
  message: z.exactOptional(text).check(z.describe("Qure's own words")),
  polls: z
    .exactOptional(z.int().check(z.minimum(1)))
    .check(z.describe('Of `polled`: how often Qure was asked for the result')),
  schedule: z
    .exactOptional(z.enum([...POLL_BASES, 'fixed']))
    .check(
      z.describe(
        'Of `polled`: `learned` from how long Qure has computed of late, `default` before enough is known, `fixed` by pollIntervalSeconds',
      ),
    ),
  knownResults: z
    .exactOptional(amount)
    .check(z.describe('Of `polled`: of the product, from which its schedule was made')),
  medianSeconds: z
    .exactOptional(z.number())
    .check(z.describe('Of `polled`: half of the results were thought to be there after so long')),
  state: z.exactOptional(z.enum(SERIES_STATES)).check(z.describe('Of `ended`: the final state')),
});

/** A generation of a series. */
export const generationView = z.object({
  generation: z.int().check(z.minimum(1)),
  state: z.enum(SERIES_STATES).check(z.describe('The present one, or the one in which it was left')),
  changedAt: instant.check(z.describe('When that state was entered')),
  instances: z.exactOptional(amount),
  evidence: z.exactOptional(evidence),
  completedAt: z.exactOptional(instant).check(z.describe('When it was judged complete')),
  reason: z.exactOptional(text),
  leftAt: z.exactOptional(instant).check(z.describe('When the next generation began')),
  leftFor: z
    .exactOptional(z.enum(['instances', 'retry', 'other_qure']))
    .check(
      z.describe(
        '`instances`: other instances came. `retry`: a person asked for the computation. `other_qure`: its source has another Qure, or another workspace',
      ),
    ),
  triage: z
    .exactOptional(z.enum(TRIAGES))
    .check(z.describe('Of the result with which it was left; `abnormal`: an X-ray that Qure calls critical')),
  isSimulated: z.exactOptional(z.literal(true)).check(z.describe('That result is of the bundled simulator')),
  supersededBy: z
    .exactOptional(z.int().check(z.minimum(2)))
    .check(z.describe('The generation whose result replaced this one')),
});

/** A series as the HTTP API shows it. Of the texts of its headers it has only the accession number. */
export const seriesView = z.object({
  source: text,
  studyInstanceUid: uid,
  seriesInstanceUid: uid,
  modality: z.exactOptional(text),
  accessionNumber,
  bodyParts: z
    .exactOptional(z.array(z.enum(REGIONS)))
    .check(z.describe('What the first instance names; once the series is judged complete, the newest')),
  product: z.exactOptional(product).check(z.describe('Of an X-ray that is done, the one that answered')),
  routedProduct: z
    .exactOptional(product)
    .check(z.describe('The product that an X-ray was routed to, where Qure answered by another one')),
  priority: z.exactOptional(z.literal('urgent')).check(z.describe('Absent for a routine one')),
  state: z.enum(SERIES_STATES),
  reason: z.exactOptional(text),
  detail: z.exactOptional(text),
  heldBack: heldBack.check(
    z.describe(
      'The series is whole and waits: the limits of its source are used up, or its source is stopped',
    ),
  ),
  generation: z.int().check(z.minimum(1)),
  instances: z
    .int()
    .check(
      z.minimum(0),
      z.describe('Of the current generation; while it is receiving, those that are indexed so far'),
    ),
  evidence: z.exactOptional(evidence),
  silence: z.exactOptional(silence),
  compute: z.exactOptional(computeResponse),
  triageStatus,
  triage: z
    .exactOptional(z.enum(TRIAGES))
    .check(
      z.describe(
        'critical: qER or qCT wants an expert at once. abnormal: any abnormality of an X-ray. While a later generation has no result, that of the last one before, unless it was routine.',
      ),
    ),
  isSimulated,
  isInvalidScan,
  usecase,
  modelVersion,
  findings,
  unreadInstances,
  sameAsGeneration,
  replacedUnconfirmed,
  quality,
  outsideIndication,
  resultKeys: z.array(text).check(z.describe('Keys in the results bucket; in a list the first 50')),
  omittedResultKeys: z
    .exactOptional(z.int().check(z.minimum(1)))
    .check(z.describe('In a list: how many more there are')),
  firstArrivalAt: instant,
  lastArrivalAt: instant,
  changedAt: instant,
});

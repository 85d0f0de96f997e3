import { ACTION_KINDS } from '../series/audit.ts';
import { triageStatus, uid } from '../series/result-facts-schema.ts';
import { SERIES_STATES } from '../series/series-facts.ts';
import * as z from '../shared/schema.ts';
import { monthCost } from './month-cost-schema.ts';
import { computeResponse, generationView, instant, seriesView, timelineEntry } from './series-view-schema.ts';
import { sourceView, stateCount } from './source-view-schema.ts';
import { studyView } from './study-view-schema.ts';
import { stageTurnaround } from './turnaround-schema.ts';

/** What the HTTP API answers: the routes are held to the types, the document to the schemas, and no function loads this file. */

const text = z.string();
const amount = z.int().check(z.minimum(0));

const uploadLink = z.object({
  key: text.check(z.describe('In the drop bucket')),
  url: z.url(),
  method: z.literal('PUT'),
});

const storedFile = {
  key: text,
  url: z.url(),
  expiresAt: instant,
  sopInstanceUid: z.exactOptional(uid),
};
const resultDocument = z.object({
  ...storedFile,
  document: z
    .exactOptional(z.unknown())
    .check(
      z.describe(
        "Qure's answer, or findings.json of its findings; left out where it is too large, then only by its link",
      ),
    ),
});
const asset = z.object({ ...storedFile, type: text, index: amount });

const deadLetter = z.object({
  stage: text,
  cause: text,
  messageId: text.check(z.describe('As in the logs of its function')),
  failedAt: z.exactOptional(instant),
  receives: z.exactOptional(amount),
  source: z.exactOptional(text),
  seriesInstanceUid: z.exactOptional(uid),
  // Their keys may hold names and are left out.
  objects: z.exactOptional(amount).check(z.describe('Of an ingest message: how many objects it tells of')),
});

const action = z.object({
  id: text,
  at: instant,
  by: text.check(
    z.describe(
      'ARN of an IAM principal; issuer, # and subject of a person who has signed in; local on one machine; direct where the function was invoked without API Gateway',
    ),
  ),
  byName: z
    .exactOptional(text)
    .check(z.describe('The name of the person by the token, where the deployment has it recorded')),
  kind: z.enum(ACTION_KINDS),
  request: z.record(text, z.union([text, z.number(), z.boolean()])).check(z.describe('What was asked for')),
  comment: z.exactOptional(text).check(z.describe('Why, in the words of the person')),
  series: z.exactOptional(z.object({ source: text, seriesInstanceUid: uid })),
  partOf: z.exactOptional(text).check(z.describe('The id of the retry_many that retried the series')),
});

const reach = z.object({
  isAll: z.boolean(),
  sources: z.array(text).check(z.describe('Where it is not all of them')),
});

const quarantinedObject = z.object({
  id: text,
  key: text,
  source: z.exactOptional(text),
  reason: text,
  detail: text,
  etag: z.exactOptional(text),
  sizeBytes: z.exactOptional(amount),
  at: instant,
});

const destination = z.object({
  product: z.exactOptional(text),
  priority: z.exactOptional(z.literal('urgent')),
  skip: z.exactOptional(text).check(z.describe('The reason, where it goes to no product')),
  rule: text.check(z.describe('Which rule decides')),
});

const page = <Item extends z.ZodMiniType>(item: Item) =>
  z.object({
    items: z.array(item),
    cursor: z
      .exactOptional(text)
      .check(z.describe('Of the next page. A page with few items, or none, may have one.')),
  });

/** By their names in the document. */
export const ANSWERS = {
  Health: z.object({
    status: z.enum(['ok', 'degraded']),
    version: text,
    sources: z.array(
      z.object({ name: text, stopped: z.exactOptional(text), since: z.exactOptional(instant) }),
    ),
    misconfiguredPrefixes: z
      .array(text)
      .check(z.describe('Prefixes of sources whose parameter has mistakes: what is dropped there waits')),
  }),
  Me: z.object({
    by: text.check(z.describe('As actions name the caller')),
    byName: z.exactOptional(text),
    read: reach.check(z.describe('The sources that the caller may read')),
    act: reach.check(z.describe('The sources on which the caller may act')),
    phi: reach.check(
      z.describe('The sources whose patients the caller may see, where the deployment shows them'),
    ),
  }),
  Description: z.looseObject({ openapi: text }),
  Study: studyView,
  StudyPage: page(studyView),
  Series: seriesView,
  SeriesDetail: z.extend(seriesView, {
    timeline: z
      .array(timelineEntry)
      .check(z.describe('Steps of the present generation, in their order. What is not known is left out.')),
    generations: z
      .array(generationView)
      .check(
        z.describe('Those that are known, at most 22, the oldest first; the last one is the present one'),
      ),
    actions: z.array(action).check(z.maxLength(50), z.describe('The newest first')),
  }),
  TimelineEntry: timelineEntry,
  Generation: generationView,
  Action: action,
  ActionPage: page(action),
  ComputeResponse: computeResponse,
  SeriesPage: page(seriesView),
  SeriesCounts: z.object({ counts: z.array(stateCount).check(z.describe('Each state once')) }),
  StateCount: stateCount,
  Source: sourceView,
  Sources: z.object({ items: z.array(sourceView) }),
  Turnaround: z.object({
    since: instant,
    until: instant,
    isComplete: z
      .boolean()
      .check(z.describe('Otherwise only the 1,000 series whose results came last are in it')),
    count: amount.check(z.describe('Series whose result was stored in that time')),
    stages: z.array(stageTurnaround).check(z.describe('Without those of which nothing is known')),
    hours: z
      .array(z.object({ from: instant, count: amount, stages: z.array(stageTurnaround) }))
      .check(z.describe('By the hour (UTC) in which the result was stored; without those that have none')),
  }),
  StageTurnaround: stageTurnaround,
  MonthCost: monthCost,
  BulkRetry: z.object({
    retried: amount.check(z.describe('On their way again')),
    refused: amount.check(
      z.describe('Not to be retried now: moved on meanwhile, or their source is not in the sources document'),
    ),
    failed: amount.check(z.describe('An outage stood in the way; they are as they were')),
    isComplete: z
      .boolean()
      .check(z.describe('No series is left before the end of the list; else `cursor` leads on')),
    cursor: z.exactOptional(text).check(z.describe('Goes on from here')),
  }),
  Results: z.object({
    source: text,
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    generation: z.int().check(z.minimum(1)),
    state: z.enum(SERIES_STATES),
    triageStatus,
    findings: z.exactOptional(resultDocument).check(z.describe('On the first page')),
    provenance: z
      .exactOptional(resultDocument)
      .check(z.describe('A link, on the first page, when the series is DONE')),
    results: z.array(resultDocument),
    assets: z.array(asset),
    cursor: z.exactOptional(text).check(z.describe('Of the next page of results and assets')),
  }),
  ResultDocument: resultDocument,
  Asset: asset,
  Patient: z.object({
    source: text,
    seriesInstanceUid: uid,
    patientName: z
      .exactOptional(text)
      .check(z.describe('As the header has it, with ^ and =; text of the sender')),
    patientId: text,
  }),
  UploadLinks: z.object({
    uploads: z.array(uploadLink),
    marker: z
      .exactOptional(z.extend(uploadLink, { body: text.check(z.describe('What to send')) }))
      .check(z.describe('To be put last: everything else of the folder is there then')),
    folder: text.check(z.describe('For a further request of the same drop')),
    expiresAt: instant,
  }),
  UploadLink: uploadLink,
  DeadLetters: z.object({
    items: z.array(deadLetter),
    counts: z.array(z.object({ stage: text, cause: text, count: amount })),
    isComplete: z.boolean().check(z.describe('Every letter that was visible has been counted')),
  }),
  DeadLetter: deadLetter,
  Redrive: z.object({
    moved: amount,
    refused: amount.check(z.describe('Not taken by their queue; dead letters still')),
    isComplete: z.boolean().check(z.describe('None that was asked for is known to be left')),
    leftEstimate: amount.check(z.describe('Of the stage, whatever the cause, as SQS counts')),
    before: instant,
  }),
  Arrivals: z.object({
    source: text,
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    sender: z
      .exactOptional(text)
      .check(z.describe('A hash of station and modality: equal for the series of one sender')),
    modality: z.exactOptional(text),
    items: z
      .array(
        z.object({
          arrivedAt: instant.check(
            z.describe('As S3 tells it, to the second; of an object in parts, when it was indexed'),
          ),
          sopInstanceUid: uid,
          instanceNumber: z.exactOptional(z.int()),
          imagePositionMm: z.exactOptional(z.array(z.number())),
          imageOrientation: z.exactOptional(z.array(z.number())),
          expectedInstances: z.exactOptional(amount).check(z.describe('As the header claims')),
        }),
      )
      .check(z.describe('By SOPInstanceUID')),
    cursor: z.exactOptional(text).check(z.describe('Of the next page')),
  }),
  QuarantinedObject: quarantinedObject,
  QuarantinePage: page(quarantinedObject),
  Backtest: z.object({
    compared: amount.check(z.describe('So many series of the page were routed by both')),
    unknown: amount.check(z.describe('Series whose instances are not known any more')),
    changed: z
      .array(
        z.object({
          seriesInstanceUid: uid,
          studyInstanceUid: uid,
          changedAt: instant,
          instances: amount,
          before: destination,
          after: destination,
        }),
      )
      .check(z.describe('Those that go elsewhere by the new document')),
    computations: z.array(z.object({ product: text, before: amount, after: amount })),
    cursor: z.exactOptional(text).check(z.describe('Of the next page')),
  }),
  Problem: z.object({ type: text, title: text, status: z.int(), detail: text }),
} as const satisfies Record<string, z.ZodMiniType>;

export type AnswerName = keyof typeof ANSWERS;
export type Answer<Name extends AnswerName> = z.output<(typeof ANSWERS)[Name]>;

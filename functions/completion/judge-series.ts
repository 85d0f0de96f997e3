import { headerFactsOf } from '../ingest/index-objects.ts';
import { fingerprintOf, type Instance, isOlder } from '../instances/instance.ts';
import { judgeIndications } from '../routing/indications.ts';
import type { SeriesQuality } from '../routing/quality/quality-facts.ts';
import { isIncomplete, qualityOf } from '../routing/quality/series-quality.ts';
import { EXPIRED_DETAIL, judgedSetOf } from '../series/judged-set.ts';
import type {
  CompleteSeries,
  CompletionDecision,
  FailedSeries,
  ReceivingSeries,
  SkippedSeries,
} from '../series/series.ts';
import type { CompletionReason } from '../series/series-facts.ts';
import type { HeaderFacts } from '../series/series-store.ts';
import { complete, failAtOnce, skip } from '../series/transitions.ts';
import { defined } from '../shared/defined.ts';
import type { Instant } from '../shared/time.ts';
import type { Source } from '../sources/source.ts';
import { routeSeries } from './route-series.ts';

export type JudgedSeries = CompleteSeries | SkippedSeries | FailedSeries;

/**
 * What a series becomes whose instances are all here: on its way to a product, skipped, or failed before anything was uploaded.
 * Pure; the order of the instances changes nothing.
 */
export function judgeSeries(
  receiving: ReceivingSeries,
  held: readonly Instance[],
  source: Source,
  evidence: CompletionReason,
  now: Instant,
): JudgedSeries {
  const series = {
    ...withoutInstances(receiving),
    ...factsOfNewest(held, source),
    ...onlyStudyOf(held),
    ...defined({ judgedSet: judgedSetOf(held, source) }),
  };
  const quality = qualityOf(held);
  const judgement: CompletionDecision = {
    instances: held.length,
    fingerprint: fingerprintOf(held),
    evidence,
    completedAt: now,
    ...defined({ quality }),
  };
  const route = routeSeries(held, source);
  if (route.kind === 'skip') {
    const { reason, detail } = route;
    return skip(series, { ...judgement, reason, ...defined({ detail }) }, now);
  }
  const { product, priority } = route;
  const { codes, isWithheld } = judgeIndications(held, product, source.indications);
  const judged = { ...judgement, ...(codes.length === 0 ? {} : { outsideIndication: codes }) };
  if (isWithheld) {
    const detail = `it is for ${product}, and lies outside ${source.indications}: ${codes.join(', ')}; retry with the product sends it all the same`;
    return skip(series, { ...judged, reason: 'outside_indication', detail }, now);
  }
  const routed = { ...judged, product, ...defined({ priority }) };
  if (source.quality === 'refuse' && quality !== undefined && isIncomplete(quality)) {
    const failure = { reason: 'incomplete_geometry' as const, detail: describe(quality) };
    return failAtOnce(series, routed, failure, source, now);
  }
  return complete(series, routed, source, now);
}

/**
 * What a series becomes whose instances have expired before they were judged: nothing is computed of those that are left, and its
 * earlier set is still the one that a later set is compared with.
 */
export function judgeExpired(
  receiving: ReceivingSeries,
  left: readonly Instance[],
  source: Pick<Source, 'retention'>,
  evidence: CompletionReason,
  now: Instant,
): SkippedSeries {
  const judgement = {
    instances: left.length,
    fingerprint: fingerprintOf(left),
    evidence,
    completedAt: now,
    reason: 'instances_expired',
    detail: EXPIRED_DETAIL,
  };
  return skip({ ...defined({ judgedSet: judgedSetOf(left, source) }), ...receiving }, judgement, now);
}

/** The row keeps the study of the instance that came first, which may have been replaced since. */
function onlyStudyOf(instances: readonly Instance[]): { studyInstanceUid?: string } {
  const [study, ...others] = new Set(instances.map(({ studyInstanceUid }) => studyInstanceUid));
  return study === undefined || others.length > 0 ? {} : { studyInstanceUid: study };
}

/** Until now the row says what the first instance said; the sender may have corrected that since. */
function factsOfNewest(held: readonly Instance[], source: Source): HeaderFacts {
  const facts = {};
  const oldestFirst = held.toSorted(
    (a, b) => Number(isOlder(b.object, a.object)) - Number(isOlder(a.object, b.object)),
  );
  for (const instance of oldestFirst) Object.assign(facts, headerFactsOf(instance, source));
  return facts;
}

/** Without what the held instances tell anew. */
function withoutInstances(receiving: ReceivingSeries): ReceivingSeries {
  const { judgedSet, modality, accessionNumber, bodyParts, ...series } = receiving;
  return series;
}

/** Numbers of slices identify no patient. */
function describe({ missing, doubled, gaps, doubledPositions }: SeriesQuality): string {
  const found = [
    ...(missing === undefined ? [] : [`missing: ${missing.join(', ')}`]),
    ...(gaps === undefined ? [] : [`gaps between positions: ${gaps}`]),
    ...(doubled === undefined ? [] : [`doubled: ${doubled.join(', ')}`]),
    ...(doubledPositions === undefined ? [] : [`slices at a position of another: ${doubledPositions}`]),
  ];
  return `${found.join('; ')}; a slice that comes later begins a new generation`;
}

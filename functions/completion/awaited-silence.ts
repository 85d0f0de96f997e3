import {
  type Arrival,
  ArrivedSeries,
  FEW,
  judgeSilence,
  leastSeconds,
  newSender,
  type WaitReason,
} from '@qure-dropoff/learned-quiet';
import { type Instance, type InstanceStore, isMultipart } from '../instances/instance.ts';
import type { SenderStore } from '../series/sender-history.ts';
import type { ReceivingSeries } from '../series/series.ts';
import type { CompletionReason, JudgedSilence } from '../series/series-facts.ts';
import { type Instant, secondsBetween } from '../shared/time.ts';
import { firstLookSeconds, isAdaptive, silenceLimits } from '../sources/silence.ts';
import type { Source } from '../sources/source.ts';
import { silenceBeganBy } from './completion.ts';
import { routeSeries } from './route-series.ts';

/** How long a series has to be silent. */
export interface AwaitedSilence {
  seconds: number;
  /** What it is called when it has been silent for so long. */
  evidence: CompletionReason;
  /** Where it was judged by what is known of the sender: by these rows. */
  judged?: { rows: readonly Instance[]; silence: JudgedSilence };
  /** An instance that comes may make it shorter: it has to be looked at again before. */
  mayShorten?: boolean;
}

export interface AwaitedSilenceDeps {
  instances: Pick<InstanceStore, 'ofSeries'>;
  senders: Pick<SenderStore, 'load'>;
}

/** Most looks come while the series still arrives: those read no row of an instance. */
export async function awaitedSilence(
  { instances, senders }: AwaitedSilenceDeps,
  series: ReceivingSeries,
  source: Source,
  now: Instant,
): Promise<AwaitedSilence> {
  const { sender } = series;
  const quiet = { seconds: source.quietPeriodSeconds, evidence: 'quiet' } as const;
  if (!isAdaptive(source) || sender === undefined) return quiet;
  const silentSeconds = secondsBetween(silenceBeganBy(series, now), now);
  const history = (await senders.load(source.name, sender))?.history ?? newSender();
  const soonest = Math.max(firstLookSeconds(source), leastSeconds(history, silenceLimits(source, 'routine')));
  if (silentSeconds < soonest) return { seconds: soonest, evidence: 'learned' };
  const rows = await instances.ofSeries(series);
  const route = routeSeries(rows, source);
  const priority = (route.kind === 'product' ? route.priority : undefined) ?? 'routine';
  const limits = silenceLimits(source, priority);
  const silence = judgeSilence(arrivedOf(rows), history, limits, series.modality);
  const evidence = evidenceOf(silence.reason);
  return {
    seconds: silence.seconds,
    evidence,
    judged: { rows, silence },
    mayShorten: evidence === 'max_wait' || (rows.length <= FEW && soonest < silence.seconds),
  };
}

/** What a series is called that was silent for so long; one that was waited for in vain has waited as long as it may. */
export function evidenceOf(reason: WaitReason): 'learned' | 'quiet' | 'max_wait' {
  if (reason === 'hole' || reason === 'claim_open') return 'max_wait';
  return reason === 'learned' || reason === 'claim' ? 'learned' : 'quiet';
}

/**
 * When an instance came first, as S3 tells it: a queue that is behind is no silence, and neither is the time until the same is dropped
 * again. Of an upload in parts S3 tells when it began. Source: Amazon S3 user guide, "Working with object metadata", Last-Modified.
 */
function arrivedMs({ object, indexedAt }: Instance): number {
  const indexedMs = Date.parse(indexedAt);
  if (object.lastModified === undefined || isMultipart(object)) return indexedMs;
  return Math.min(indexedMs, Date.parse(object.lastModified));
}

export function arrivalsOf(rows: readonly Instance[]): Arrival[] {
  return rows
    .map((row) => ({
      atMs: arrivedMs(row),
      sopInstanceUid: row.sopInstanceUid,
      ...(row.instanceNumber === undefined ? {} : { number: row.instanceNumber }),
      ...(row.imagePositionMm === undefined ? {} : { positionMm: row.imagePositionMm }),
      ...(row.imageOrientation === undefined ? {} : { orientation: row.imageOrientation }),
      ...(row.expectedInstances === undefined ? {} : { expected: row.expectedInstances }),
    }))
    .sort((a, b) => a.atMs - b.atMs);
}

function arrivedOf(rows: readonly Instance[]): ArrivedSeries {
  const arrived = new ArrivedSeries();
  for (const arrival of arrivalsOf(rows)) arrived.add(arrival);
  return arrived;
}

import { createHash } from 'node:crypto';
import { distrust, LATE_SECONDS, learn, newSender } from '@qure-dropoff/learned-quiet';
import type { InstanceStore } from '../instances/instance.ts';
import { unexpired } from '../series/judged-set.ts';
import type { CompletionMessage, Queues } from '../series/messages.ts';
import { isConflict } from '../series/retry-on-conflict.ts';
import type { KnownSender, SenderStore } from '../series/sender-history.ts';
import type { Series } from '../series/series.ts';
import type { SeriesStore } from '../series/series-store.ts';
import type { Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import type { Clock } from '../shared/time.ts';
import { silenceLimits } from '../sources/silence.ts';
import type { Source } from '../sources/source.ts';
import { arrivalsOf } from './awaited-silence.ts';

export interface LearnDeps {
  series: Pick<SeriesStore, 'load'>;
  instances: Pick<InstanceStore, 'ofSeries'>;
  senders: SenderStore;
  clock: Clock;
  log: Log;
  meter: Meter;
}

/** Many series of a sender may end at one time. What is not learned then is missing from a count, and from nothing else. */
const MAX_ATTEMPTS = 4;
/** Longer than a message takes that SQS delivers twice. */
const REMEMBERED_SERIES = 40;

/** Sends the message by which the sender of a series is learned, once no late instance is expected any more. */
export function scheduleLearning(
  { queues }: { queues: Pick<Queues, 'sendCompletion'> },
  series: Series,
): Promise<void> {
  const { source, seriesInstanceUid, generation } = series;
  return queues.sendCompletion({ kind: 'ended', source, seriesInstanceUid, generation }, LATE_SECONDS);
}

/** Adds a series to what is known of its sender. Also where the quiet period decides: then it tells what would have been. */
export async function learnSender(
  deps: LearnDeps,
  message: Extract<CompletionMessage, { kind: 'ended' }>,
  source: Source,
): Promise<void> {
  const series = await deps.series.load(message);
  // A late instance came: its own generation sends a message of its own.
  if (series?.sender === undefined || series.generation !== message.generation) return;
  const now = deps.clock().toISOString();
  const arrivals = arrivalsOf(unexpired(await deps.instances.ofSeries(series, 'eventual'), now));
  if (arrivals.length === 0) return;
  const id = createHash('sha256').update(series.seriesInstanceUid).digest('base64url').slice(0, 6);
  const priority = ('priority' in series ? series.priority : undefined) ?? 'routine';
  let wasPremature: boolean | undefined;
  const isLearned = await change(deps, series.source, series.sender, (known) => {
    if (known.learned.includes(id)) return undefined;
    const learned = learn(known.history, arrivals, silenceLimits(source, priority), series.modality);
    wasPremature = learned.hindsight.wasPremature;
    return { ...known, history: learned.history, learned: [...known.learned, id].slice(-REMEMBERED_SERIES) };
  });
  if (isLearned) deps.meter('SeriesMisjudged', wasPremature === true ? 1 : 0, { source: source.name });
}

/** An instance came after the sender's habit had said that the series was whole. */
export async function distrustSender(
  deps: Pick<LearnDeps, 'senders' | 'log'>,
  { source, sender }: Series,
): Promise<void> {
  if (sender === undefined) return;
  await change(deps, source, sender, (known) => ({ ...known, history: distrust(known.history) }));
}

async function change(
  { senders, log }: Pick<LearnDeps, 'senders' | 'log'>,
  source: string,
  sender: string,
  next: (known: KnownSender) => KnownSender | undefined,
): Promise<boolean> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const known = await senders.load(source, sender);
    const changed = next(known ?? { source, sender, history: newSender(), learned: [], version: 0 });
    if (changed === undefined) return false;
    const saved = await senders.save(changed);
    if (!isConflict(saved)) return true;
  }
  log('info', 'what is known of a sender could not be saved: others did at the same time', { source });
  return false;
}

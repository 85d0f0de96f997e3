import type { AnswerFacts } from '../qure/answer-facts.ts';
import type { OutboxEvent } from '../series/events.ts';
import { type ModelVersion, modelVersionChanged } from '../series/model-version.ts';
import type { PollWork } from './poll-work.ts';

/** What a result tells of the model that made it; nothing where the last result told the same. */
export interface SeenModelVersion {
  before: ModelVersion | undefined;
  now: ModelVersion;
  /** Absent at the first result of a source. */
  news?: OutboxEvent;
}

export async function readModelVersion(
  work: PollWork,
  { usecase, modelVersion }: AnswerFacts,
): Promise<SeenModelVersion | undefined> {
  if (usecase === undefined || modelVersion === undefined) return undefined;
  const source = work.source.name;
  const before = await work.deps.modelVersions.load(source, usecase);
  if (before?.modelVersion === modelVersion) return undefined;
  const now = { source, usecase, modelVersion, since: work.now() };
  if (before === undefined) return { before, now };
  return { before, now, news: modelVersionChanged(before, now, work.series.product) };
}

/**
 * After the row that announces the change is saved: a run that dies in between leaves the old version, and the next result
 * announces the same change by the same id.
 */
export async function rememberModelVersion(work: PollWork, seen: SeenModelVersion): Promise<void> {
  const isFirst = await work.deps.modelVersions.replace(seen.now, seen.before);
  if (!isFirst || seen.news === undefined) return;
  const { source, product } = work.series;
  work.deps.meter('ModelVersionChanges', 1, { source, product });
}

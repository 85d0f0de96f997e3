import type { OutboxEvent } from '../../functions/series/events.ts';
import type { ModelVersion } from '../../functions/series/model-version.ts';
import type { Row } from '../services/table/options.ts';

/** 10: a model that has changed is announced before it is remembered, else nobody would ever be told. */
export function untoldModel(
  before: Row | undefined,
  after: Row,
  promised: Iterable<string>,
): string | undefined {
  const { source, usecase, modelVersion } = after['model'] as ModelVersion;
  const earlier = (before?.['model'] as ModelVersion | undefined)?.modelVersion;
  if (earlier === undefined || earlier === modelVersion) return undefined;
  for (const text of promised) {
    const { detailType, detail } = JSON.parse(text) as OutboxEvent;
    if (detailType !== 'Model Version Changed' || detail.source !== source || detail.usecase !== usecase)
      continue;
    if (detail.previousModelVersion === earlier && detail.modelVersion === modelVersion) return undefined;
  }
  return '10: a model has changed, and nobody was told';
}

import type { Instant } from '../shared/time.ts';
import { eventIdOf, type OutboxEvent } from './events.ts';

/** The version of Qure's model that a source was last answered by, for one use case. */
export interface ModelVersion {
  source: string;
  usecase: string;
  modelVersion: string;
  /** When it was first seen. */
  since: Instant;
}

/**
 * Announces that a model has changed. Runs that see the same change give it the same id, so that a consumer recognizes the repetition.
 */
export function modelVersionChanged(
  before: ModelVersion,
  now: ModelVersion,
  product: string,
): OutboxEvent & { detailType: 'Model Version Changed' } {
  const { source, usecase, modelVersion, since } = now;
  return {
    detailType: 'Model Version Changed',
    detail: {
      version: '1',
      eventId: eventIdOf(source, usecase, before.modelVersion, before.since, 'changed to', modelVersion),
      source,
      product,
      usecase,
      modelVersion,
      previousModelVersion: before.modelVersion,
      at: since,
    },
  };
}

/** The model versions that sources were last answered by. */
export interface ModelVersionStore {
  /** Strongly consistent. */
  load(source: string, usecase: string): Promise<ModelVersion | undefined>;
  /** Only in the place of `before`; false: another run was first. */
  replace(next: ModelVersion, before: ModelVersion | undefined): Promise<boolean>;
}

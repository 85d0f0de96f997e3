import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { computeMessage } from '../core/messages.ts';
import type { LoadSources } from '../core/source.ts';
import { findSource } from '../core/sources-document.ts';
import type { BatchDeps } from '../lambda/batch-failures.ts';
import { workOnEach } from '../lambda/sqs-batch.ts';
import { computeSeries } from './compute-series.ts';
import type { ComputeDeps } from './compute-work.ts';

export type ComputeHandlerDeps = ComputeDeps & Pick<BatchDeps, 'deadLetters'> & { loadSources: LoadSources };

export function createHandler(deps: ComputeHandlerDeps) {
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    workOnEach(
      event,
      computeMessage,
      async (message) => {
        const source = findSource(await deps.loadSources(), message.source);
        const remainingMs = () => context.getRemainingTimeInMillis();
        await computeSeries(deps, message, source, { remainingMs });
      },
      deps,
    );
}

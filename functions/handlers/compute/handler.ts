import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { BatchDeps } from '../../aws/lambda/batch-failures.ts';
import { workOnEach } from '../../aws/lambda/sqs-batch.ts';
import { computeSeries } from '../../delivery/compute-series.ts';
import type { ComputeDeps } from '../../delivery/compute-work.ts';
import { computeMessage } from '../../series/messages.ts';
import type { LoadSources } from '../../sources/source.ts';
import { findSource } from '../../sources/sources-document.ts';

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

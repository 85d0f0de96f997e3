import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { admit } from '../core/admission.ts';
import { type ResultsMessage, resultsMessage } from '../core/messages.ts';
import { productOf } from '../core/product.ts';
import type { ResultsBucket } from '../core/results-bucket.ts';
import { meterOverdue } from '../core/series-metrics.ts';
import type { LoadSources } from '../core/source.ts';
import { findSource } from '../core/sources-document.ts';
import type { BatchDeps } from '../lambda/batch-failures.ts';
import { workOnEach } from '../lambda/sqs-batch.ts';
import { withHashes } from './hashed-results.ts';
import { pollInstances } from './poll-instances.ts';
import { pollSeries } from './poll-series.ts';
import { type PollDeps, PollWork } from './poll-work.ts';

export type PollResultsDeps = Omit<PollDeps, 'remainingMs' | 'results'> &
  Pick<BatchDeps, 'deadLetters'> & { loadSources: LoadSources; results: ResultsBucket };

export function createHandler(deps: PollResultsDeps) {
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    workOnEach(
      event,
      resultsMessage,
      (message) =>
        poll(
          {
            ...deps,
            results: withHashes(deps.results),
            remainingMs: () => context.getRemainingTimeInMillis(),
          },
          message,
        ),
      deps,
    );
}

async function poll(deps: PollDeps & { loadSources: LoadSources }, message: ResultsMessage): Promise<void> {
  const source = findSource(await deps.loadSources(), message.source);
  const series = await deps.series.load(message);
  if (series?.state !== 'COMPUTING' || series.ticket !== message.ticket) return;
  const product = productOf(source, series.product);
  meterOverdue(deps.meter, series, source, deps.clock().toISOString());
  const work = new PollWork(deps, message, source, series);
  const admission = await admit(deps, source, series);
  if (admission.kind === 'held_back') return work.waitForSource(admission);
  const { permit } = admission;
  await (product.results === 'series' ? pollSeries(work, permit) : pollInstances(work, permit));
  await permit.close();
}

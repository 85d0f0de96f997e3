import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { admit } from '../../admission/admission.ts';
import type { BatchDeps } from '../../aws/lambda/batch-failures.ts';
import { workOnEach } from '../../aws/lambda/sqs-batch.ts';
import { sendAnew } from '../../delivery/send-anew.ts';
import { productOf } from '../../qure/product.ts';
import { withHashes } from '../../results/hashed-results.ts';
import { pollInstances } from '../../results/poll-instances.ts';
import { pollSeries } from '../../results/poll-series.ts';
import { type PollDeps, PollWork } from '../../results/poll-work.ts';
import { isElsewhere } from '../../series/bring-anew.ts';
import { type ResultsMessage, resultsMessage } from '../../series/messages.ts';
import type { ResultsBucket } from '../../series/results-bucket.ts';
import { retryOnConflict } from '../../series/retry-on-conflict.ts';
import { meterOverdue } from '../../series/series-metrics.ts';
import type { LoadSources } from '../../sources/source.ts';
import { findSource } from '../../sources/sources-document.ts';

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
  // The present Qure is not asked for what it was not given.
  if (isElsewhere(series, permit.credentials))
    await retryOnConflict(deps.series, series, async (row) =>
      row !== undefined && work.isOurs(row) ? sendAnew(deps, row, source) : undefined,
    );
  else await (product.results === 'series' ? pollSeries(work, permit) : pollInstances(work, permit));
  await permit.close();
}

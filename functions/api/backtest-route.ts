import { routeSeries } from '../completion/route-series.ts';
import type { Instance, InstanceStore } from '../instances/instance.ts';
import { judgeIndications } from '../routing/indications.ts';
import type { Series } from '../series/series.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import type { LoadSources, Source } from '../sources/source.ts';
import { parseSource, SourcesDocumentError } from '../sources/sources-document.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import { ProblemError } from './problem.ts';
import type { BodyOf } from './requests.ts';
import { instantOf } from './series-query.ts';

export interface BacktestRouteDeps {
  series: Pick<SeriesStore, 'list'>;
  instances: Pick<InstanceStore, 'ofSeries'>;
  loadSources: LoadSources;
}

/** Each may be thousands of rows. */
const SERIES_AT_ONCE = 4;
const MAX_DETAIL_LENGTH = 1000;

/**
 * `POST /v1/rules/backtest`: how the rules of a document would have routed the series of a source, beside its own rules of now.
 * Both are asked of the rows of the instances: what a person has sent elsewhere by a retry is no difference. Changes nothing.
 */
export async function backtestRules(
  deps: BacktestRouteDeps,
  { source: name, document, since, until, limit, cursor: given }: BodyOf<'backtestRules'>,
): Promise<Answer<'Backtest'>> {
  const now = knownSource(await deps.loadSources(), name);
  const next = readDocument(name, document);
  const { place, bind } = bindCursor(given, 'backtest', { name, since, until });
  const { series, cursor } = await deps.series.list({
    source: name,
    limit,
    sort: 'newest',
    ...defined({ since: instantOf(since), until: instantOf(until), cursor: place }),
  });
  const compared = await mapConcurrently(series, SERIES_AT_ONCE, async (one) =>
    compare(one, await deps.instances.ofSeries(one), now, next),
  );
  const known = compared.filter((one) => one !== undefined);
  return {
    compared: known.length,
    unknown: compared.length - known.length,
    changed: known.filter(
      ({ before, after }) => before.product !== after.product || before.skip !== after.skip,
    ),
    computations: computationsOf(known),
    ...(cursor === undefined ? {} : { cursor: bind(cursor) }),
  };
}

type Compared = Answer<'Backtest'>['changed'][number];
type Destination = Compared['before'];

/** `undefined`: its instances are not known any more. */
function compare(
  { seriesInstanceUid, studyInstanceUid, changedAt }: Series,
  instances: readonly Instance[],
  now: Source,
  next: Source,
): Compared | undefined {
  if (instances.length === 0) return undefined;
  return {
    seriesInstanceUid,
    studyInstanceUid,
    changedAt,
    instances: instances.length,
    before: destinationOf(instances, now),
    after: destinationOf(instances, next),
  };
}

function destinationOf(instances: readonly Instance[], source: Source): Destination {
  const route = routeSeries(instances, source);
  const { rule } = route;
  if (route.kind === 'skip') return { skip: route.reason, rule };
  const { product, priority } = route;
  if (judgeIndications(instances, product, source.indications).isWithheld)
    return { skip: 'outside_indication', rule };
  return { product, rule, ...defined({ priority }) };
}

/** A series for a product is one computation, as `dailyBudget` counts them. */
function computationsOf(compared: readonly Compared[]): Answer<'Backtest'>['computations'] {
  const products = new Set(compared.flatMap(({ before, after }) => [before.product, after.product]));
  return [...products]
    .filter((product) => product !== undefined)
    .sort()
    .map((product) => ({
      product,
      before: compared.filter(({ before }) => before.product === product).length,
      after: compared.filter(({ after }) => after.product === product).length,
    }));
}

function knownSource(sources: readonly Source[], name: string): Source {
  const source = sources.find((one) => one.name === name);
  if (source !== undefined) return source;
  throw new ProblemError(404, 'Unknown source', 'no such source; GET /v1/health names them');
}

/** Every mistake of the document in one answer. */
function readDocument(name: string, document: unknown): Source {
  try {
    return parseSource(name, document);
  } catch (error) {
    if (!(error instanceof SourcesDocumentError)) throw error;
    const mistakes = error.problems.map((problem) => `document.${problem}`).join('; ');
    throw new ProblemError(400, 'Bad Request', mistakes.slice(0, MAX_DETAIL_LENGTH).toWellFormed());
  }
}

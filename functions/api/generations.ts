import type { Series } from '../series/series.ts';
import { defined } from '../shared/defined.ts';
import type * as z from '../shared/schema.ts';
import type { generationView } from './series-view-schema.ts';

export type GenerationView = z.output<typeof generationView>;

/** The generations that the row knows, oldest first, the present one last. A result is superseded by the next one that was stored. */
export function generationsOf(series: Series): GenerationView[] {
  const known: GenerationView[] = [...withLastResult(series), presentOf(series)];
  return known.map((one, at) => {
    const next = one.state === 'DONE' ? known.slice(at + 1).find(({ state }) => state === 'DONE') : undefined;
    return { ...one, ...defined({ supersededBy: next?.generation }) };
  });
}

/** Of a generation that an earlier version has left, the row knows the last result alone. */
function withLastResult({ earlierGenerations = [], lastResult, generation }: Series): GenerationView[] {
  const isTold =
    lastResult === undefined ||
    lastResult.generation >= generation ||
    earlierGenerations.some((one) => one.generation === lastResult.generation);
  if (isTold) return earlierGenerations;
  const { at: changedAt } = lastResult;
  return [{ generation: lastResult.generation, state: 'DONE', changedAt }, ...earlierGenerations];
}

function presentOf(series: Series): GenerationView {
  const { generation, state, changedAt } = series;
  if (series.state === 'RECEIVING') return { generation, state, changedAt };
  const { instances, evidence, completedAt } = series;
  const reason = 'reason' in series ? series.reason : undefined;
  return { generation, state, changedAt, instances, evidence, completedAt, ...defined({ reason }) };
}

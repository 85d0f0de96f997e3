import type { DoneSeries, Series } from '../../functions/series/series.ts';
import type { Row } from '../services/table/options.ts';
import type { SimulatedWorld } from './world.ts';

/** Processes hold a secret for a minute, and a run that has begun with it may take this much longer, also where requests are slow. */
const HELD_FOR_SECONDS = 60 + 900;

/** Whether a series begins as another generation at the Qure that its source has now. */
export function isBroughtAnew(before: Series, { state, generation, earlierGenerations }: Series): boolean {
  const isLeft = earlierGenerations?.at(-1)?.leftFor === 'other_qure';
  return state === 'COMPLETE' && generation === before.generation + 1 && isLeft;
}

/** Watches that a result is of the Qure that its source has. Invariant 15 of docs/simulation.md. */
export class QureMonitor {
  readonly #world: SimulatedWorld;
  readonly #break: (message: string) => void;
  /** How often a series was brought to another Qure. */
  readonly #broughtAnew = new Map<string, number>();

  constructor(world: SimulatedWorld, onBroken: (message: string) => void) {
    this.#world = world;
    this.#break = onBroken;
  }

  look(before: Row | undefined, after: Row | undefined): void {
    if (after?.['sk'] !== 'SERIES') return;
    const series = after as unknown as Series;
    if (series.state === 'DONE' && before?.['state'] !== 'DONE') this.#lookAtResult(series);
    if (before !== undefined && isBroughtAnew(before as unknown as Series, series))
      this.#countBringing(`${series.source}#${series.seriesInstanceUid}`);
  }

  #countBringing(id: string): void {
    const times = (this.#broughtAnew.get(id) ?? 0) + 1;
    this.#broughtAnew.set(id, times);
    if (times > this.#world.sources.exchanges)
      this.#break(
        `15: a series was brought anew ${times} times, ${this.#world.sources.exchanges} expected at most`,
      );
  }

  #lookAtResult(series: DoneSeries): void {
    const { sources, results } = this.#world;
    const workspace = sources.workspaceWith(series);
    const isPresent = workspace === sources.workspaceOf(series.source);
    if (!isPresent && this.#world.seconds() > sources.leftAtSeconds + HELD_FOR_SECONDS)
      this.#break('15: DONE by a Qure that its source has no more');
    const { source, studyInstanceUid, seriesInstanceUid, generation } = series;
    const folder = `${source}/${studyInstanceUid}/${seriesInstanceUid}/${generation}/`;
    for (const file of series.resultFiles.filter((name) => name.startsWith('result.'))) {
      const text = Buffer.from(results.contentOf(folder + file) ?? '').toString();
      const links = [...text.matchAll(/&of=(?<of>[^/"]+)\//g)];
      if (links.some(({ groups }) => groups?.['of'] !== workspace))
        this.#break('15: a result of another Qure was announced');
    }
  }
}

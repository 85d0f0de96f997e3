import {
  type FaultKind,
  type PlannedFault,
  ruleOf,
  type Stage,
  type Target,
  type Weather,
} from './faults.ts';
import type { Random } from './random.ts';

/** `fault × stage`, counted. */
export type Coverage = Map<string, number>;

export function coverageKey(kind: FaultKind, stage: Stage): string {
  return `${kind} ${stage}`;
}

interface Planned extends PlannedFault {
  seen: number;
}

/** Decides what befalls a request or a delivery, by the story's plan and weather. */
export class FaultPlan {
  readonly coverage: Coverage = new Map();
  /** In the order of time. */
  readonly happened: { kind: FaultKind; stage: Stage; atSeconds: number }[] = [];
  readonly #plannedOf = new Map<Stage, Planned[]>();
  readonly #weather: readonly Weather[];
  readonly #random: Random;
  readonly #nowSeconds: () => number;
  #isOver = false;

  constructor(
    planned: readonly PlannedFault[],
    weather: readonly Weather[],
    random: Random,
    nowSeconds: () => number,
  ) {
    for (const fault of planned) {
      const ofStage = this.#plannedOf.get(fault.stage) ?? [];
      ofStage.push({ ...fault, seen: 0 });
      this.#plannedOf.set(fault.stage, ofStage);
    }
    this.#weather = weather;
    this.#random = random;
    this.#nowSeconds = nowSeconds;
  }

  /** From here on nothing goes wrong any more. */
  end(): void {
    this.#isOver = true;
  }

  ofRequest(stage: Stage, target: Target): FaultKind | undefined {
    return this.#decide(stage, (kind) => ruleOf(kind).befalls?.(target) === true);
  }

  /** Whether this fault befalls a delivery. */
  ofDelivery(stage: Stage, kind: FaultKind): boolean {
    return this.#decide(stage, (candidate) => candidate === kind) !== undefined;
  }

  #decide(stage: Stage, isPossible: (kind: FaultKind) => boolean): FaultKind | undefined {
    if (this.#isOver) return undefined;
    let chosen: FaultKind | undefined;
    for (const fault of this.#plannedOf.get(stage) ?? []) {
      if (!isPossible(fault.kind)) continue;
      fault.seen += 1;
      if (fault.seen === fault.nth) chosen ??= fault.kind;
    }
    const now = this.#nowSeconds();
    for (const { kind, fromSeconds, forSeconds, oneIn } of this.#weather) {
      const isNow = now >= fromSeconds && now < fromSeconds + forSeconds;
      if (!isNow || !isPossible(kind) || !ruleOf(kind).stages.includes(stage)) continue;
      if (this.#random.isOneIn(oneIn)) chosen ??= kind;
    }
    if (chosen !== undefined) {
      const key = coverageKey(chosen, stage);
      this.coverage.set(key, (this.coverage.get(key) ?? 0) + 1);
      this.happened.push({ kind: chosen, stage, atSeconds: now });
    }
    return chosen;
  }
}

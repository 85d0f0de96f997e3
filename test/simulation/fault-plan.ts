import {
  type AmbientFault,
  type FaultKind,
  type FaultTiming,
  operationName,
  type PlannedFault,
  ruleOf,
  type Stage,
  type Target,
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

/** What befalls a request. */
export interface Struck {
  kind: FaultKind;
  timing?: FaultTiming;
}

/** Decides what befalls a request or a delivery, by the scenario's planned and ambient faults. */
export class FaultPlan {
  readonly coverage: Coverage = new Map();
  /** In the order of time. */
  readonly happened: { kind: FaultKind; stage: Stage; atSeconds: number }[] = [];
  readonly #plannedOf = new Map<Stage, Planned[]>();
  readonly #ambientFaults: readonly AmbientFault[];
  readonly #random: Random;
  readonly #nowSeconds: () => number;
  #isOver = false;

  constructor(
    planned: readonly PlannedFault[],
    ambientFaults: readonly AmbientFault[],
    random: Random,
    nowSeconds: () => number,
  ) {
    for (const fault of planned) {
      const ofStage = this.#plannedOf.get(fault.stage) ?? [];
      ofStage.push({ ...fault, seen: 0 });
      this.#plannedOf.set(fault.stage, ofStage);
    }
    this.#ambientFaults = ambientFaults;
    this.#random = random;
    this.#nowSeconds = nowSeconds;
  }

  /** From here on nothing goes wrong any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Planned faults whose request or delivery has not come. */
  get notStruck(): PlannedFault[] {
    return [...this.#plannedOf.values()]
      .flat()
      .filter(({ seen, nth }) => seen < nth)
      .map(({ seen: _seen, ...fault }) => fault);
  }

  ofRequest(stage: Stage, target: Target): Struck | undefined {
    const name = operationName(target);
    return this.#decide(
      stage,
      (kind) => ruleOf(kind).befalls?.(target) === true,
      ({ operation }) => operation === undefined || operation === name,
    );
  }

  /** Whether this fault befalls a delivery. */
  ofDelivery(stage: Stage, kind: FaultKind): boolean {
    const isOfDelivery = ({ operation }: PlannedFault) => operation === undefined;
    return this.#decide(stage, (candidate) => candidate === kind, isOfDelivery) !== undefined;
  }

  #decide(
    stage: Stage,
    isPossible: (kind: FaultKind) => boolean,
    isMeant: (fault: PlannedFault) => boolean,
  ): Struck | undefined {
    if (this.#isOver) return undefined;
    let chosen: Struck | undefined;
    for (const fault of this.#plannedOf.get(stage) ?? []) {
      if (!isPossible(fault.kind) || !isMeant(fault)) continue;
      fault.seen += 1;
      const { kind, timing } = fault;
      if (fault.seen === fault.nth) chosen ??= { kind, ...(timing === undefined ? {} : { timing }) };
    }
    const now = this.#nowSeconds();
    for (const { kind, fromSeconds, forSeconds, oneIn } of this.#ambientFaults) {
      const isNow = now >= fromSeconds && now < fromSeconds + forSeconds;
      if (!isNow || !isPossible(kind) || !ruleOf(kind).stages.includes(stage)) continue;
      if (this.#random.isOneIn(oneIn)) chosen ??= { kind };
    }
    if (chosen !== undefined) this.note(chosen.kind, stage);
    return chosen;
  }

  /** A fault befalls this stage now. */
  note(kind: FaultKind, stage: Stage): void {
    const key = coverageKey(kind, stage);
    this.coverage.set(key, (this.coverage.get(key) ?? 0) + 1);
    this.happened.push({ kind, stage, atSeconds: this.#nowSeconds() });
  }
}

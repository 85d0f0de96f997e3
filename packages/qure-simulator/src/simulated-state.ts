import type { AcceptedComputation, HeldInstance, HeldSeries } from './held-series.ts';
import { isXrayModality } from './scan-verdict.ts';
import { openStateLog, type StateLog } from './state-log.ts';

/** The progress of a scan when its results are requested. */
export type Progress = 'not_computed' | 'undetermined' | 'processing' | 'ready';

export interface StateTimes {
  computeDelayMs: number;
  validityDelayMs: number;
  /** The computation starts automatically with the last upload. */
  automaticCompute: boolean;
  nowMs: () => number;
}

/** The data of the simulator. With a log, every change is on disk before the answer. */
export class SimulatedState {
  readonly series = new Map<string, HeldSeries>();
  readonly #times: StateTimes;
  #log: StateLog | undefined;

  constructor(times: StateTimes, statePath?: string) {
    this.#times = times;
    if (statePath === undefined) return;
    const { log, entries } = openStateLog(statePath);
    for (const entry of entries) {
      if (entry.kind === 'instance') this.#hold(entry.instance);
      else if (entry.kind === 'computation') this.#accept(entry.seriesInstanceUid, entry.computation);
      else this.#drop(entry.uid);
    }
    this.#log = log;
  }

  /** Registers an instance; `true` if it is new. */
  register(instance: HeldInstance): boolean {
    const isNew = !this.series.get(instance.seriesInstanceUid)?.instances.has(instance.sopInstanceUid);
    this.#log?.append({ kind: 'instance', instance });
    this.#hold(instance);
    return isNew;
  }

  /** The series must be stored. */
  acceptComputation(seriesInstanceUid: string, isRecompute: boolean): void {
    const instances = this.series.get(seriesInstanceUid)?.instances.size ?? 0;
    const computation = { atMs: this.#times.nowMs(), isRecompute, instances };
    this.#log?.append({ kind: 'computation', seriesInstanceUid, computation });
    this.#accept(seriesInstanceUid, computation);
  }

  /** Deletes a series, or one instance of any series; `false` if nothing with this UID is stored. */
  forget(uid: string): boolean {
    this.#log?.append({ kind: 'forget', uid });
    return this.#drop(uid);
  }

  /** The instance of that SOPInstanceUID that was registered last. */
  findInstance(sopInstanceUid: string): HeldInstance | undefined {
    let found: HeldInstance | undefined;
    for (const series of this.series.values()) {
      const instance = series.instances.get(sopInstanceUid);
      if (instance !== undefined && instance.registeredAtMs >= (found?.registeredAtMs ?? 0)) found = instance;
    }
    return found;
  }

  progressOfSeries(series: HeldSeries): Progress {
    let lastUploadMs = 0;
    for (const held of series.instances.values()) lastUploadMs = Math.max(lastUploadMs, held.registeredAtMs);
    const isAutomatic = this.#times.automaticCompute || isXrayModality(series.modality);
    return this.#progressSince(series.computations.at(-1)?.atMs ?? (isAutomatic ? lastUploadMs : undefined));
  }

  progressOfInstance(instance: HeldInstance): Progress {
    return this.#progressSince(instance.registeredAtMs);
  }

  close(): void {
    this.#log?.close();
    this.#log = undefined;
  }

  #progressSince(startMs: number | undefined): Progress {
    if (startMs === undefined) return 'not_computed';
    const elapsedMs = this.#times.nowMs() - startMs;
    if (elapsedMs < this.#times.validityDelayMs) return 'undetermined';
    return elapsedMs < this.#times.computeDelayMs ? 'processing' : 'ready';
  }

  #hold(instance: HeldInstance): void {
    const { seriesInstanceUid, studyInstanceUid, modality } = instance;
    const held = this.series.get(seriesInstanceUid);
    const series = held ?? {
      seriesInstanceUid,
      studyInstanceUid,
      modality,
      instances: new Map<string, HeldInstance>(),
      computations: [],
    };
    series.instances.set(instance.sopInstanceUid, instance);
    this.series.set(seriesInstanceUid, series);
  }

  #accept(seriesInstanceUid: string, computation: AcceptedComputation): void {
    this.series.get(seriesInstanceUid)?.computations.push(computation);
  }

  #drop(uid: string): boolean {
    let isFound = this.series.delete(uid);
    for (const series of [...this.series.values()]) {
      isFound = series.instances.delete(uid) || isFound;
      if (series.instances.size === 0) this.series.delete(series.seriesInstanceUid);
    }
    return isFound;
  }
}

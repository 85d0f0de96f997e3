import type {
  CountWaitingDrops,
  InstanceStore,
  LoadBrokenPrefixes,
  LoadSources,
  ReconcileStore,
  UploadMarkStore,
} from '../core/ports.ts';
import type { Finding, FindingKind, FindingOutcome } from '../core/reconciliation.ts';
import { isSettled } from '../core/reconciliation-rules.ts';
import type { SeriesId } from '../core/series.ts';
import type { Source } from '../core/source.ts';
import type { Instant } from '../core/time.ts';
import type { IndexDeps } from '../index-instances/index-deps.ts';
import { lookAhead } from './look-ahead.ts';

export interface ReconcileDeps extends IndexDeps {
  instances: InstanceStore;
  uploadMarks: UploadMarkStore;
  reconciliation: ReconcileStore;
  loadSources: LoadSources;
  loadBrokenPrefixes: LoadBrokenPrefixes;
  countWaitingDrops: CountWaitingDrops;
}

export interface ReconcileRequest {
  /** Without it nothing is written, sent or announced. */
  isRepair: boolean;
  /** One source alone; absent: everything. */
  source?: string;
  /** What is younger is passed over: it may still be on its way. */
  minAgeSeconds: number;
}

/** One run over one page: what it was asked, what it knows, and what it has found. */
export class Slice {
  readonly deps: ReconcileDeps;
  readonly request: ReconcileRequest;
  readonly sources: readonly Source[];
  readonly brokenPrefixes: readonly string[];
  /** Of the start of the page. */
  readonly now: Instant;
  readonly findings: Finding[] = [];
  /** Series that the checker has been told to look at in this run: their difference is no other finding. */
  readonly lookedAt: Set<string>;

  constructor(
    deps: ReconcileDeps,
    request: ReconcileRequest,
    sources: readonly Source[],
    brokenPrefixes: readonly string[],
    lookedAt: Set<string>,
  ) {
    this.deps = { ...deps, beforeRows: lookAhead(deps.queues) };
    this.request = request;
    this.sources = sources;
    this.brokenPrefixes = brokenPrefixes;
    this.lookedAt = lookedAt;
    this.now = deps.clock().toISOString();
  }

  find(kind: FindingKind, about: Omit<Finding, 'kind' | 'outcome'>, outcome: FindingOutcome): void {
    this.findings.push({ kind, outcome, ...about });
  }

  /** Has the checker compare the rows with the judgement, and open the next generation where they differ. */
  async askToLook({ source, seriesInstanceUid }: SeriesId): Promise<void> {
    this.lookedAt.add(`${source}#${seriesInstanceUid}`);
    await this.deps.queues.sendCompletion({ kind: 'late', source, seriesInstanceUid }, 0);
  }

  hasAskedToLook({ source, seriesInstanceUid }: SeriesId): boolean {
    return this.lookedAt.has(`${source}#${seriesInstanceUid}`);
  }

  isSettled(at: Instant): boolean {
    return isSettled(at, this.request.minAgeSeconds, this.now);
  }

  sourceNamed(name: string | undefined): Source | undefined {
    return this.sources.find((source) => source.name === name);
  }

  /** Whether the request is about this source. */
  concerns(source: string | undefined): boolean {
    return this.request.source === undefined || this.request.source === source;
  }
}

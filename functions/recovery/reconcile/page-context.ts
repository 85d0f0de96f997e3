import type { UploadRecordStore } from '../../delivery/upload-records.ts';
import type { IndexDeps } from '../../ingest/index-deps.ts';
import type { IngestProgress } from '../../ingest/watermark.ts';
import { ObjectUnreadableError } from '../../instances/drop-bucket.ts';
import type { InstanceStore } from '../../instances/instance.ts';
import type { SeriesId } from '../../instances/series-id.ts';
import type { HeldSetDeps } from '../../series/judged-set.ts';
import type { Instant } from '../../shared/time.ts';
import type { LoadMisconfiguredPrefixes, LoadSources, Source } from '../../sources/source.ts';
import type { Finding, FindingKind, FindingOutcome, ReconcileStore } from './reconciliation.ts';
import { isOldEnough } from './reconciliation-rules.ts';
import { scheduleRecheck } from './schedule-recheck.ts';

export interface ReconcileDeps extends IndexDeps, IngestProgress {
  instances: InstanceStore;
  uploadRecords: UploadRecordStore;
  judgedSets: HeldSetDeps['judgedSets'];
  reconciliation: ReconcileStore;
  loadSources: LoadSources;
  loadMisconfiguredPrefixes: LoadMisconfiguredPrefixes;
}

export interface ReconcileRequest {
  /** `false`: nothing is written, sent or published. */
  isRepair: boolean;
  /** One source alone; absent: everything. */
  source?: string;
  /** Younger objects and rows are not checked: their messages may not be processed yet. */
  minAgeSeconds: number;
  /** What has not changed since is not looked up. Absent: everything is. */
  since?: Instant;
}

/** The check of one page: the request, the sources, and the findings so far. */
export class PageContext {
  readonly deps: ReconcileDeps;
  readonly request: ReconcileRequest;
  readonly sources: readonly Source[];
  readonly misconfiguredPrefixes: readonly string[];
  /** The start of the check. */
  readonly now: Instant;
  readonly findings: Finding[] = [];
  /** Series whose recheck was requested in this run: their difference is not reported a second time. */
  readonly rechecked: Set<string>;

  constructor(
    deps: ReconcileDeps,
    request: ReconcileRequest,
    sources: readonly Source[],
    misconfiguredPrefixes: readonly string[],
    rechecked: Set<string>,
  ) {
    this.deps = { ...deps, beforeRows: scheduleRecheck(deps.queues) };
    this.request = request;
    this.sources = sources;
    this.misconfiguredPrefixes = misconfiguredPrefixes;
    this.rechecked = rechecked;
    this.now = deps.clock().toISOString();
  }

  report(kind: FindingKind, about: Omit<Finding, 'kind' | 'outcome'>, outcome: FindingOutcome): void {
    this.findings.push({ kind, outcome, ...about });
  }

  /** For a person: nothing can be repaired before S3 gives the object again. */
  reportUnreadable(about: Pick<Finding, 'source' | 'key'>, code: string): void {
    this.report('object_unreadable', { ...about, code }, this.request.isRepair ? 'skipped' : 'reported');
  }

  /** Work on one object. That S3 refuses the object is a finding, and the page goes on. */
  async unlessUnreadable(about: Pick<Finding, 'source' | 'key'>, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ObjectUnreadableError)) throw error;
      this.reportUnreadable(about, error.code);
    }
  }

  /** Makes the checker compare the rows with the set that was judged complete, and begin the next generation if they differ. */
  async requestRecheck({ source, seriesInstanceUid }: SeriesId): Promise<void> {
    this.noteRecheck({ source, seriesInstanceUid });
    await this.deps.queues.sendCompletion({ kind: 'late', source, seriesInstanceUid }, 0);
  }

  /** Its recheck was requested by indexing one of its objects again. */
  noteRecheck({ source, seriesInstanceUid }: SeriesId): void {
    this.rechecked.add(`${source}#${seriesInstanceUid}`);
  }

  hasRequestedRecheck({ source, seriesInstanceUid }: SeriesId): boolean {
    return this.rechecked.has(`${source}#${seriesInstanceUid}`);
  }

  isOldEnough(at: Instant): boolean {
    return isOldEnough(at, this.request.minAgeSeconds, this.now);
  }

  /** Whether it belongs to what is looked up. */
  isRecent(at: Instant): boolean {
    const { since } = this.request;
    return since === undefined || at >= since;
  }

  sourceNamed(name: string | undefined): Source | undefined {
    return this.sources.find((source) => source.name === name);
  }

  /** Whether the request is about this source. */
  concerns(source: string | undefined): boolean {
    return this.request.source === undefined || this.request.source === source;
  }
}

/** What a phase works on: it lists its items a page at a time, and checks those of a page. */
export interface PhaseWork<Item> {
  list(context: PageContext, after: string | undefined): Promise<{ items: readonly Item[]; next?: string }>;
  check(context: PageContext, items: readonly Item[]): Promise<void>;
}

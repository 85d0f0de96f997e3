import { toUploadRecord } from '../../functions/aws/table/upload-record-store.ts';
import { contentTagOf } from '../../functions/instances/archive-entry.ts';
import { fingerprintOf, type Instance } from '../../functions/instances/instance.ts';
import type { Series } from '../../functions/series/series.ts';
import type { SeriesState } from '../../functions/series/series-facts.ts';
import type { Row } from '../services/table/options.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { isDamaged } from './drops.ts';
import { coverageKey } from './fault-plan.ts';
import { currentWork, runTicketOf, type Work } from './invocation.ts';
import type { JudgementEvidence } from './judgement-evidence.ts';
import { MessageMonitor } from './message-monitor.ts';
import { untoldModel } from './model-invariant.ts';
import { PollMonitor } from './poll-monitor.ts';
import { untoldRouting } from './product-invariant.ts';
import { QualityMonitor } from './quality-monitor.ts';
import { QuotaMonitor } from './quota-monitor.ts';
import { isBroughtAnew, QureMonitor } from './qure-monitor.ts';
import type { QureSeries } from './qure-series.ts';
import { TOKEN_WORD } from './secret-word.ts';
import { wrongHabit, wrongSilence } from './silence-invariant.ts';
import { StopMonitor } from './stop-monitor.ts';
import type { SimulatedWorld } from './world.ts';

/** The transitions of docs/architecture-reference.md. From each state also to itself. */
const WAYS: Record<SeriesState, readonly SeriesState[]> = {
  RECEIVING: ['COMPLETE', 'SKIPPED', 'FAILED'],
  COMPLETE: ['UPLOADING', 'FAILED', 'RECEIVING'],
  UPLOADING: ['COMPUTING', 'FAILED', 'UNSUPPORTED', 'RECEIVING'],
  COMPUTING: ['DONE', 'FAILED', 'UNSUPPORTED', 'UPLOADING', 'RECEIVING'],
  DONE: ['RECEIVING', 'COMPLETE'],
  SKIPPED: ['RECEIVING', 'COMPLETE'],
  UNSUPPORTED: ['RECEIVING', 'COMPLETE'],
  FAILED: ['RECEIVING', 'COMPLETE'],
};

/** Between the last look at the rows and the claim lie two requests, which take this much at most where nothing goes wrong. */
const LOOK_BEFORE_CLAIM_MS = 500;

/** Watches each write of a series row while the scenario happens, and remembers what the end is judged by. */
export class SeriesMonitor {
  /** Announcements that were ever put into a row, by their id. */
  readonly promised = new Map<string, string>();
  /** States that series entered, with what led there. */
  readonly entered = new Map<string, number>();
  /** The instances that a generation was judged by: content by SOPInstanceUID. */
  readonly #judged = new Map<string, ReadonlyMap<string, string>>();
  /** When the content of an instance row, and the claim of a series row, were last written. */
  readonly #writtenAtMs = new Map<string, number>();
  /** Generations by series and the ticket of the run that claimed them. */
  readonly #claimed = new Map<string, number>();
  /** Runs that have met a damaged file, by series row. */
  readonly #metDamage = new Map<string, { ticket: number; generation: number; atMs: number }>();
  readonly #world: SimulatedWorld;
  readonly #evidence: JudgementEvidence;
  readonly #quality: QualityMonitor;
  readonly #contentOf: (etag: string) => string;
  broken: BrokenInvariantError | undefined;

  /** `contentOf`: the MD5 of the content that an ETag stands for. */
  constructor(world: SimulatedWorld, evidence: JudgementEvidence, contentOf: (etag: string) => string) {
    this.#world = world;
    this.#evidence = evidence;
    this.#contentOf = contentOf;
    this.#quality = new QualityMonitor(world, (message) => this.#break(message));
    const quotas = new QuotaMonitor(
      world,
      (message) => this.#break(message),
      (reason) => this.#countEntry(`held back (${reason})`),
    );
    const stops = new StopMonitor(world, (message) => this.#break(message));
    const polls = new PollMonitor(world, (message) => this.#break(message));
    const qures = new QureMonitor(world, (message) => this.#break(message));
    world.onWrite = (before, after) => {
      this.#look(before, after);
      quotas.look(before, after);
      stops.look(before, after);
      polls.look(before, after);
      qures.look(before, after);
    };
    world.onQure = (stage, work) => {
      if (stage === 'compute') quotas.lookAtBringing(work);
      stops.lookAtCall(work);
    };
    world.onUnreadable = (work, sop) => this.#noteUnreadable(work, sop);
    const messages = new MessageMonitor(world, (message) => this.#break(message));
    world.onSent = (body) => messages.look(body);
    world.onPut = (stage, row) => messages.lookAtPut(stage, row);
    world.qure.onCompute = (workspace, uid, series) => this.#lookAtCompute(workspace, uid, series);
  }

  /** 2: the call is made only when Qure's receipt has shown every instance of the generation. */
  #lookAtCompute(workspace: string, uid: string, qure: QureSeries): number {
    const row = this.#rowOfCall(workspace, uid);
    if (row === undefined) {
      this.#break('2: a compute call for a series that has no row');
      return 0;
    }
    // It stays in the row for good: what claims is written before what it claims.
    if (row.callIntent === undefined) this.#break('3: a compute call before its callIntent was saved');
    const judged = 'fingerprint' in row ? this.judgedBy(row) : undefined;
    const generation = this.#generationOfCall(row);
    const isOurs = this.#world.sources.of(row.source)?.delivery === 'upload';
    const isItsOwn = row.state === 'UPLOADING' && generation === row.generation;
    if (!isItsOwn || judged === undefined || !isOurs) return generation;
    if (qure.receiptCount < judged.size)
      this.#break(
        `2: a compute call when receipts had shown ${qure.receiptCount} of ${judged.size} instances`,
      );
    for (const [sop, content] of judged) {
      if (!qure.registered.has(`${sop} ${content}`))
        this.#break('2: a compute call before an instance had been uploaded');
    }
    this.#lookForLatecomers(row, judged);
    this.#quality.lookAtCompute(row, [...judged.keys()]);
    return generation;
  }

  /** Where sources share a workspace, one of them calls. */
  #rowOfCall(workspace: string, uid: string): Series | undefined {
    const rows = this.#world.sources
      .namesIn(workspace)
      .map((name) => this.#world.rows.get(`${name}#${uid} SERIES`) as unknown as Series | undefined)
      .filter((row) => row !== undefined);
    const isAtWork = ({ source }: Series) => currentWork()?.rowKey === `${source}#${uid} SERIES`;
    return rows.find(isAtWork) ?? rows.find(({ callIntent }) => callIntent !== undefined) ?? rows[0];
  }

  /** A call that is under way when the series is opened again, and claimed anew, belongs to the generation that claimed it. */
  #generationOfCall(row: Series): number {
    const claimed = this.#claimed.get(`${row.source}#${row.seriesInstanceUid} ${currentWork()?.ticket}`);
    return claimed ?? row.callIntent?.generation ?? row.generation;
  }

  /** An instance that came while the others went up must not be left out; one that comes after the last look may be. */
  #lookForLatecomers(row: Series, judged: ReadonlyMap<string, string>): void {
    const nowMs = this.#world.scheduler.nowMs();
    const id = `${row.source}#${row.seriesInstanceUid}`;
    const claimedAtMs = this.#writtenAtMs.get(id) ?? 0;
    for (const { sopInstanceUid, object } of this.instancesOf(row)) {
      const writtenAtMs = this.#writtenAtMs.get(`${id} ${sopInstanceUid}`) ?? 0;
      if (writtenAtMs >= claimedAtMs - LOOK_BEFORE_CLAIM_MS) continue;
      // A run that something went wrong with may have looked before, and claimed or called long after.
      if (this.#world.hasComputeFailed(writtenAtMs, nowMs)) continue;
      if (judged.get(sopInstanceUid) !== this.#contentOf(contentTagOf(object)))
        this.#break('2: a compute call without an instance that was there before');
    }
  }

  /** Of a damaged file, which another try cannot read either; and not of an answer that was cut short. */
  #noteUnreadable(work: Work, sop: string): void {
    const { rowKey } = work;
    const row = this.#world.rows.get(rowKey) as unknown as Series | undefined;
    if (row === undefined) return;
    const held = this.instancesOf(row).find(({ sopInstanceUid }) => sopInstanceUid === sop);
    if (held === undefined || !isDamaged(this.#contentOf(contentTagOf(held.object)))) return;
    const atMs = this.#world.scheduler.nowMs();
    this.#metDamage.set(rowKey, { ticket: runTicketOf(work), generation: row.generation, atMs });
  }

  /**
   * 4: a damaged file ends its series at once, and nothing else ends it as damaged. Where Qure refused the source in the same
   * run, the refusal is recorded first, and the file is met again when the source is back.
   */
  #lookAtDamage(earlier: Series, row: Series): void {
    const met = this.#metDamage.get(`${row.source}#${row.seriesInstanceUid} SERIES`);
    const isTriedAgain =
      row.state === 'UPLOADING' &&
      earlier.state === 'UPLOADING' &&
      row.ticket > earlier.ticket &&
      row.heldBack === undefined;
    if (isTriedAgain && met?.ticket === earlier.ticket && met.generation === row.generation) {
      if (!this.#world.hasComputeFailed(met.atMs, this.#world.scheduler.nowMs()))
        this.#break('4: an upload was tried again though a file of it is damaged');
    }
    if (row.state !== 'FAILED' || row.reason !== 'damaged_object') return;
    const judged = this.judgedBy(row);
    if (judged !== undefined && ![...judged.values()].some(isDamaged))
      this.#break('4: a series failed as damaged, and none of its files is');
  }

  /** What a mark counts as uploaded is not sent again, so Qure must have taken it. */
  #lookAtMark(row: Row): void {
    const [source = '', seriesInstanceUid = ''] = String(row['pk']).split('#');
    const qures = this.#world.quresOf({ source, seriesInstanceUid });
    for (const { sopInstanceUid, etag } of toUploadRecord(row).registered) {
      const id = `${sopInstanceUid} ${this.#contentOf(etag)}`;
      if (!qures.some(({ registered }) => registered.has(id)))
        this.#break('2: an upload mark of an instance that Qure has not registered');
    }
  }

  #noteTimes(before: Row | undefined, after: Row): void {
    const sk = String(after['sk']);
    const nowMs = this.#world.scheduler.nowMs();
    if (sk === 'SERIES') {
      const callIntent = after['callIntent'] as Series['callIntent'];
      if (callIntent === undefined || JSON.stringify(before?.['callIntent']) === JSON.stringify(callIntent))
        return;
      this.#claimed.set(`${after['pk']} ${currentWork()?.ticket}`, callIntent.generation);
      this.#writtenAtMs.set(String(after['pk']), nowMs);
    } else if (sk.startsWith('I#')) {
      const tagOf = (row: Row | undefined) => {
        const object = row?.['object'] as Instance['object'] | undefined;
        return object === undefined ? undefined : contentTagOf(object);
      };
      if (tagOf(before) !== tagOf(after)) this.#writtenAtMs.set(`${after['pk']} ${sk.slice(2)}`, nowMs);
    }
  }

  judgedBy(series: Pick<Series, 'source' | 'seriesInstanceUid'> & { fingerprint: string }) {
    return this.#judged.get(`${series.source}#${series.seriesInstanceUid} ${series.fingerprint}`);
  }

  /** The first thing that went wrong; a run goes on after it, and ends in it. */
  #break(message: string): void {
    this.broken ??= new BrokenInvariantError(message);
  }

  #look(before: Row | undefined, after: Row | undefined): void {
    if (after !== undefined) this.#noteTimes(before, after);
    if (after !== undefined && String(after['sk']).startsWith('U#')) this.#lookAtMark(after);
    if (after !== undefined && String(after['sk']).startsWith('MODEL#')) {
      const untold = untoldModel(before, after, this.promised.values());
      if (untold !== undefined) this.#break(untold);
    }
    if ((after ?? before)?.['sk'] !== 'SERIES') return;
    if (after === undefined) {
      this.#break('5: a series row was deleted');
      return;
    }
    const row = after as unknown as Series;
    this.#rememberPromises(row);
    if (row.state !== (before as Series | undefined)?.state) this.#count(row);
    if ('detail' in row && row.detail?.includes(TOKEN_WORD) === true)
      this.#break('7: a credential stands in the detail of a series');
    if (before === undefined) return;
    const earlier = before as unknown as Series;
    this.#lookAtDamage(earlier, row);
    const untold = untoldRouting(earlier, row);
    if (untold !== undefined) this.#break(untold);
    const said = `${earlier.state} of generation ${earlier.generation} to ${row.state} of ${row.generation}`;
    const isWay = WAYS[earlier.state].includes(row.state) || isBroughtAnew(earlier, row);
    if (row.state !== earlier.state && !isWay) this.#break(`5: a series went from ${said}`);
    if (row.generation < earlier.generation) this.#break(`5: a generation went back, from ${said}`);
    if (row.version < earlier.version || (row.version === earlier.version && row.state !== earlier.state))
      this.#break(`5: a row was overwritten, from ${said}`);
    if (row.ticket < earlier.ticket) this.#break(`5: a ticket went back, from ${said}`);
    const isReopened = row.state === 'RECEIVING' && earlier.state !== 'RECEIVING';
    if (isReopened && row.generation === earlier.generation)
      this.#break(`5: a series was opened within its generation, from ${said}`);
    if (row.state !== 'RECEIVING' && earlier.state === 'RECEIVING') this.#lookAtQuality(row);
    if (row.state === 'COMPLETE' && earlier.state === 'RECEIVING') {
      this.#rememberJudgement(row);
      // On its last try a marker goes on without what S3 refuses.
      const isRefused = this.#world.plan.coverage.has(coverageKey('unreadable_object', 'check-completion'));
      const wrong =
        (isRefused ? undefined : this.#evidence.wrongWith(row, this.instancesOf(row))) ??
        wrongSilence(this.#world, row, this.#evidence.keysOf(row)) ??
        (isRefused
          ? undefined
          : wrongHabit(this.#world, row, this.instancesOf(row), this.#evidence.droppedOf(row)));
      if (wrong !== undefined) this.#break(wrong);
    }
  }

  #lookAtQuality(row: Exclude<Series, { state: 'RECEIVING' }>): void {
    const rows = this.instancesOf(row);
    // The rows may have changed since they were read.
    if (fingerprintOf(rows) !== row.fingerprint) return;
    this.#quality.lookAtJudgement(
      row,
      rows.map(({ sopInstanceUid }) => sopInstanceUid),
    );
  }

  #count(row: Series): void {
    const evidence = row.state === 'COMPLETE' ? ` (${row.evidence})` : '';
    const reason = 'reason' in row ? ` (${row.reason})` : '';
    const urgency = 'priority' in row && row.state === 'COMPLETE' ? ' urgent' : '';
    this.#countEntry(`${row.state}${urgency}${evidence}${reason}`);
  }

  #countEntry(name: string): void {
    this.entered.set(name, (this.entered.get(name) ?? 0) + 1);
  }

  #rememberPromises(row: Series): void {
    for (const event of row.outbox) {
      const text = JSON.stringify(event);
      const known = this.promised.get(event.detail.eventId);
      if (known !== undefined && known !== text) this.#break('events: one id stands for two announcements');
      this.promised.set(event.detail.eventId, text);
    }
  }

  #rememberJudgement(row: Series & { fingerprint: string }): void {
    const rows = this.instancesOf(row);
    // The rows may have changed since they were read; then the compute stage opens the series again.
    if (fingerprintOf(rows) !== row.fingerprint) return;
    const contents = new Map(
      rows.map((one) => [one.sopInstanceUid, this.#contentOf(contentTagOf(one.object))]),
    );
    this.#judged.set(`${row.source}#${row.seriesInstanceUid} ${row.fingerprint}`, contents);
  }

  instancesOf({ source, seriesInstanceUid }: Pick<Series, 'source' | 'seriesInstanceUid'>) {
    const prefix = `${source}#${seriesInstanceUid} I#`;
    const found: Pick<Instance, 'sopInstanceUid' | 'object'>[] = [];
    for (const [key, row] of this.#world.rows) {
      if (!key.startsWith(prefix)) continue;
      found.push({
        sopInstanceUid: key.slice(prefix.length),
        object: row['object'] as Instance['object'],
      });
    }
    return found;
  }
}

import { INDEXES } from '../../functions/aws/table/keys.ts';
import type { SeriesId } from '../../functions/instances/series-id.ts';
import type { Series } from '../../functions/series/series.ts';
import { SimulatedBucket } from '../services/bucket/simulated-bucket.ts';
import { SimulatedBuckets } from '../services/bucket/simulated-buckets.ts';
import { SimulatedEventBus } from '../services/simulated-event-bus.ts';
import { SimulatedKms } from '../services/simulated-kms.ts';
import { SimulatedParameters } from '../services/simulated-parameters.ts';
import { SimulatedSecrets } from '../services/simulated-secrets.ts';
import type { Row } from '../services/table/options.ts';
import { SimulatedTable } from '../services/table/simulated-table.ts';
import type { WireRequest } from '../services/wire.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { FaultPlan } from './fault-plan.ts';
import { type FaultKind, ruleOf, type Stage } from './faults.ts';
import type { LogLine, Measurement, ProcessWorld } from './function-process.ts';
import { currentWork, type Work } from './invocation.ts';
import { PipelineQueues } from './pipeline-queues.ts';
import { QureModel } from './qure-model.ts';
import type { QureSeries } from './qure-series.ts';
import { Random } from './random.ts';
import { isInvalidScan, isUnsupported, usecaseOf } from './scans.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioSources } from './scenario-sources.ts';
import { Scheduler } from './scheduler.ts';
import { createStages } from './stages.ts';
import { DROP_BUCKET, EVENT_BUS, RESULTS_BUCKET, START_MS, TABLE } from './world-names.ts';

/** A request that is slow, or a run that something has gone wrong with, is over by then. */
const FAULT_LASTS_MS = 900_000;

/** Longer than a budget of one a day holds back the series of a scenario; nothing else takes a day. */
const MAX_STORY_MS = 8 * 86_400_000;

/** A world in which one scenario happens: AWS and Qure in memory, the real stages on top of them, time that only the scenario moves. */
export class SimulatedWorld implements ProcessWorld {
  readonly scenario: Scenario;
  readonly scheduler = new Scheduler(START_MS);
  readonly random: Random;
  readonly plan: FaultPlan;
  readonly log: LogLine[] = [];
  readonly metrics: Measurement[] = [];
  readonly bucket: SimulatedBucket;
  readonly results: SimulatedBucket;
  readonly buckets: SimulatedBuckets;
  readonly table: SimulatedTable;
  readonly pipeline: PipelineQueues;
  readonly sources: ScenarioSources;
  readonly eventBus: SimulatedEventBus;
  readonly parameters: SimulatedParameters;
  readonly secrets: SimulatedSecrets;
  readonly kms: SimulatedKms;
  readonly qure: QureModel;
  readonly events: { detailType: string; detail: Record<string, unknown> }[] = [];
  /** Messages of the pipeline's own. */
  readonly sent: string[] = [];
  /** Stages that worked on a message which was an old one when they were given it. */
  readonly oldWork = new Set<Stage>();
  /** Rows as they stand, by `pk` and `sk`. */
  readonly rows = new Map<string, Row>();
  readonly stages: ReturnType<typeof createStages>;
  /** Called for each row that is written. */
  onWrite: (before: Row | undefined, after: Row | undefined) => void = () => {};
  /** Sees each request of a stage to AWS on its way, and gives back what is sent. */
  observe: <T>(stage: Stage, request: WireRequest<T>) => WireRequest<T> = (_stage, request) => request;
  /** Called for each message that a stage begins to send. */
  onSent: (body: string) => void = () => {};
  /** Called for each row that a stage begins to put. */
  onPut: (stage: Stage, row: Row) => void = () => {};
  /** Called when a stage begins to ask Qure for something. */
  onQure: (stage: Stage, work: Work) => void = () => {};
  /** Called when the compute stage could not read the file of an instance to its end. */
  onUnreadable: (work: Work, sopInstanceUid: string) => void = () => {};
  /** Series that the sweep has to look after. */
  readonly dueSeries = new Set<string>();
  /** Runs that ended with an error. */
  readonly failedRuns: { stage: Stage; error: string }[] = [];
  /** Runs that had not ended when their time was up. */
  readonly #timeOuts: { stage: Stage; atMs: number }[] = [];
  #isPartial = false;
  #isRepeated = false;
  #earlierMs = 0;
  #breaksOff = false;
  /** Drops and events that are on their way. */
  #underWay = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.random = new Random(scenario.seed);
    const { scheduler, random } = this;
    this.plan = new FaultPlan(scenario.faults, scenario.ambientFaults, random, () => this.seconds());
    const now = scheduler.nowMs;
    this.table = new SimulatedTable({
      tableName: TABLE,
      schema: { partitionKey: 'pk', sortKey: 'sk', indexes: INDEXES },
      now,
      indexLagMs: () => (scenario.indexLagMs === 0 ? 0 : random.between(0, scenario.indexLagMs)),
      unprocessed: (_operation, items) => (this.takesPart() ? random.between(1, items) : 0),
      onWrite: (before, after) => this.#noteWrite(before, after),
    });
    this.bucket = this.#createDropBucket();
    this.results = new SimulatedBucket({ bucket: RESULTS_BUCKET, isVersioned: false, now });
    this.buckets = new SimulatedBuckets({ [DROP_BUCKET]: this.bucket, [RESULTS_BUCKET]: this.results });
    this.eventBus = new SimulatedEventBus({
      name: EVENT_BUS,
      onEvent: ({ DetailType = '', Detail = '' }) => {
        this.events.push({ detailType: DetailType, detail: JSON.parse(Detail) });
      },
      failedEntries: (entries) => (this.takesPart() ? [random.between(0, entries - 1)] : []),
    });
    this.sources = new ScenarioSources(scenario, () => this.seconds());
    const parameters = this.sources.parameters();
    this.parameters = new SimulatedParameters(() => parameters);
    this.secrets = new SimulatedSecrets(() => this.sources.secrets());
    this.kms = new SimulatedKms({ isDisabled: () => this.#isPatientKeyDisabled() });
    this.qure = new QureModel(
      this.sources.workspaces(),
      { isUnsupported, isInvalidScan, usecaseOf },
      random,
      now,
    );
    const { learnedPolls } = scenario;
    if (learnedPolls !== undefined)
      this.qure.slowness = () => (this.seconds() < learnedPolls.fromSeconds ? 1 : learnedPolls.factor);
    this.pipeline = new PipelineQueues(this);
    this.stages = createStages(this);
    this.pipeline.connect((stage) => this.stages.consumerOf(stage));
  }

  seconds(): number {
    return (this.scheduler.nowMs() - START_MS) / 1000;
  }

  takePartly(): void {
    this.#isPartial = true;
  }

  /** Something that a sender began so long ago. */
  earlier<T>(seconds: number, happen: () => T): T {
    this.#earlierMs = seconds * 1000;
    const happened = happen();
    this.#earlierMs = 0;
    return happened;
  }

  breakOff(): void {
    this.#breaksOff = true;
  }

  repeatNext(): void {
    this.#isRepeated = true;
  }

  /** Something may have become visible on a queue. */
  wake(): void {
    this.pipeline.wake();
  }

  get isAtRest(): boolean {
    return (
      this.#underWay === 0 && this.pipeline.areAtRest && this.dueSeries.size === 0 && this.stages.isIdle()
    );
  }

  /** Whether a sweep, by a clock that may be wrong, has something to do. */
  hasSomethingDue(): boolean {
    const until = new Date(this.scheduler.nowMs() + this.scenario.maxSkewMs).toISOString();
    return [...this.dueSeries].some((key) => String(this.rows.get(key)?.['dueAt']) <= until);
  }

  /** Something that happens from outside at this time: a drop, a request of a person. */
  planFromOutside(atSeconds: number, happen: () => void): void {
    this.#underWay += 1;
    this.scheduler.planAt(START_MS + atSeconds * 1000, () => {
      this.#underWay -= 1;
      happen();
    });
  }

  /** Until nothing is left to do. Throws when the world does not come to rest. */
  async run(): Promise<void> {
    this.wake();
    const untilMs = this.scheduler.nowMs() + MAX_STORY_MS;
    this.stages.startSchedules();
    await this.scheduler.run(() => this.isAtRest || this.scheduler.nowMs() > untilMs);
    if (!this.isAtRest) throw new BrokenInvariantError('4: the world did not come to rest within four days');
  }

  #isPatientKeyDisabled(): boolean {
    const disabledAt = this.scenario.patients?.keyDisabledAtSeconds;
    return disabledAt !== undefined && this.seconds() >= disabledAt;
  }

  /** What is known of a series in the Qure that it was brought to last. */
  qureOf(series: SeriesId & Pick<Series, 'workspace'>): QureSeries {
    return this.qure.seriesOf(this.sources.workspaceWith(series), series.seriesInstanceUid);
  }

  /** The same for each Qure that its source has, or had. */
  quresOf({ source, seriesInstanceUid }: SeriesId): QureSeries[] {
    return this.sources.workspacesOf(source).map((name) => this.qure.seriesOf(name, seriesInstanceUid));
  }

  /**
   * Faults of the compute stage that may have cost the answer to a compute call of this time, or what a run saves after it.
   * What Qure and SQS do is not among them: a message that comes twice must not make two calls.
   */
  lostAnswersOfCompute(fromMs: number, toMs: number): number {
    return this.#computeFaults(fromMs, toMs).filter(({ kind }) => isRequestFault(kind)).length;
  }

  /**
   * Whether the run whose request was carried out at this time may have ended, or given the request up, before it could
   * look at the series again. A slow answer is no such thing.
   */
  hasComputeLostTrack(atMs: number): boolean {
    const untilMs = atMs + FAULT_LASTS_MS;
    const isTimeOut = this.#timeOuts.some(
      ({ stage, atMs: endMs }) => stage === 'compute' && endMs >= atMs && endMs <= untilMs,
    );
    const isEnding = (kind: FaultKind) => isRequestFault(kind) && kind !== 'slow';
    return isTimeOut || this.#computeFaults(atMs, untilMs).some(({ kind }) => isEnding(kind));
  }

  /** Whether anything went wrong with the compute stage in, or shortly before, this time. */
  hasComputeFailed(fromMs: number, toMs: number): boolean {
    return this.#computeFaults(fromMs, toMs).length > 0;
  }

  #computeFaults(fromMs: number, toMs: number) {
    return this.plan.happened.filter(({ stage, atSeconds }) => {
      const atMs = START_MS + atSeconds * 1000;
      return stage === 'compute' && atMs >= fromMs - FAULT_LASTS_MS && atMs <= toMs;
    });
  }

  /** A message of the ingest queue that S3 did not send. */
  sendStrange(body: string): void {
    this.pipeline.queueOf('ingest').send(body);
    this.wake();
  }

  noteFailure(stage: Stage, error: unknown): void {
    this.failedRuns.push({ stage, error: error instanceof Error ? error.name : String(error) });
  }

  noteTimeOut(stage: Stage): void {
    this.#timeOuts.push({ stage, atMs: this.scheduler.nowMs() });
  }

  noteQure(stage: Stage): void {
    const work = currentWork();
    if (work?.isOld === true) this.oldWork.add(stage);
    if (work !== undefined) this.onQure(stage, work);
  }

  noteUnreadable(sopInstanceUid: string): void {
    const work = currentWork();
    if (work !== undefined) this.onUnreadable(work, sopInstanceUid);
  }

  noteSent(input: unknown): void {
    const { QueueUrl: url = '', MessageBody: body } = input as { QueueUrl?: string; MessageBody?: string };
    // What S3 tells holds keys; it goes round within the ingest queue and its dead letters alone.
    if (url.includes('ingest')) return;
    this.sent.push(JSON.stringify(input));
    if (body !== undefined) this.onSent(body);
  }

  notePut(stage: Stage, input: unknown): void {
    this.onPut(stage, (input as { Item: Row }).Item);
  }

  takesPart(): boolean {
    const isPartial = this.#isPartial;
    this.#isPartial = false;
    return isPartial;
  }

  isDeliveredTwice(): boolean {
    const isRepeated = this.#isRepeated;
    this.#isRepeated = false;
    return isRepeated;
  }

  #createDropBucket(): SimulatedBucket {
    const { scenario, random, plan, scheduler } = this;
    let objects = 0;
    return new SimulatedBucket({
      bucket: DROP_BUCKET,
      isVersioned: scenario.isVersioned,
      now: () => scheduler.nowMs() - this.#earlierMs,
      breaksOff: () => {
        const breaksOff = this.#breaksOff;
        this.#breaksOff = false;
        return breaksOff;
      },
      ...(scenario.hasOpaqueEtags
        ? {
            etagOf: () => {
              objects += 1;
              return `opaque${objects}`;
            },
          }
        : {}),
      onCreated: (body) => {
        if (plan.ofDelivery('index-instances', 'lost_event')) return;
        const delayMs = plan.ofDelivery('index-instances', 'late_event')
          ? random.between(30_000, 900_000)
          : random.between(50, 4_000);
        const times = plan.ofDelivery('index-instances', 'repeated_event') ? 2 : 1;
        for (let time = 0; time < times; time += 1) {
          this.#sendLater(delayMs + time * random.between(0, 600_000), body);
        }
      },
    });
  }

  #sendLater(delayMs: number, body: string): void {
    this.#underWay += 1;
    this.scheduler.plan(delayMs, () => {
      this.#underWay -= 1;
      this.pipeline.queueOf('ingest').send(body);
      this.pipeline.sourceOf('ingest').wake();
    });
  }

  #noteWrite(before: Row | undefined, after: Row | undefined): void {
    const row = after ?? before;
    if (row === undefined) return;
    const key = `${row['pk']} ${row['sk']}`;
    const [earlier, now] = [withPlainState(before), withPlainState(after)];
    if (now === undefined) this.rows.delete(key);
    else this.rows.set(key, now);
    if (row['sk'] === 'SERIES') setTo(this.dueSeries, key, now?.['dueAt'] !== undefined);
    this.onWrite(earlier, now);
  }
}

/** The state of a series without the shard of its index. */
function withPlainState(row: Row | undefined): Row | undefined {
  return row?.['sk'] === 'SERIES' ? { ...row, state: String(row['state']).split('#')[0] } : row;
}

/** What befalls requests on their way, and not what Qure answers. */
function isRequestFault(kind: FaultKind): boolean {
  return ruleOf(kind).befalls !== undefined && !kind.startsWith('qure_');
}

function setTo(set: Set<string>, key: string, isMember: boolean): void {
  if (isMember) set.add(key);
  else set.delete(key);
}

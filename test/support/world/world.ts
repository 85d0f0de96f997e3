import type { OutboxEvent } from '../../../functions/core/events.ts';
import { completionMessage, computeMessage, resultsMessage } from '../../../functions/core/messages.ts';
import type { Meter, MetricName } from '../../../functions/core/metrics.ts';
import { patientHasher } from '../../../functions/core/patient-hash.ts';
import type { Log, LogFields, Queues } from '../../../functions/core/ports.ts';
import type { QureCredentials, Source } from '../../../functions/core/source.ts';
import { mistakesOfEvent } from '../published-events.ts';
import { DROP_BUCKET } from '../s3-event.ts';
import { DeadLetterRows } from './dead-letter-rows.ts';
import { InstanceResultRows, InstanceRows, UploadMarkRows } from './instance-rows.ts';
import { type CallProbe, observed } from './port-calls.ts';
import { QureScript } from './qure-script.ts';
import { ReconcileRows } from './reconcile-rows.ts';
import { SeriesRows } from './series-store.ts';
import {
  CircuitRows,
  MarkerRows,
  ModelVersionRows,
  QuarantineRows,
  QuotaRows,
  WorkspaceRows,
} from './source-rows.ts';
import { VirtualDropBucket, VirtualResultsBucket } from './virtual-buckets.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualQueue } from './virtual-queue.ts';

/** Under which a world hashes patients. */
export const PATIENT_KEY = 'a key of 32 characters or more, for tests';
export const START = '2026-03-01T08:00:00.000Z';

/** A source with the times of the cloud. */
export function sourceNamed(name: string, overrides: Partial<Source> = {}): Source {
  return {
    name,
    prefix: `${name}/`,
    rules: [],
    useDefaultRules: true,
    quietPeriodSeconds: 60,
    maxWaitSeconds: 900,
    delivery: 'upload',
    compute: 'call',
    pollIntervalSeconds: 15,
    resultsTimeoutSeconds: 86_400,
    deliveryTimeoutSeconds: 3_600,
    serviceLevelSeconds: 3600,
    uploadConcurrency: 5,
    ...overrides,
  };
}

export interface WorldOptions {
  sources?: Source[];
  /** The drop bucket keeps versions. @default false */
  isVersioned?: boolean;
  /** In [0, 1). A simulation gives its seeded one. @default 0.5 always */
  random?: () => number;
}

export interface LogLine {
  level: Parameters<Log>[0];
  message: string;
  fields: LogFields;
}

/** What a stage has counted. */
export interface Measurement {
  name: MetricName;
  value: number;
  dimensions: NonNullable<Parameters<Meter>[2]>;
}

/** Whatever a test has the pipeline publish is as the published schemas say. */
function expectSchema(events: readonly OutboxEvent[]): void {
  const mistakes = events.flatMap(mistakesOfEvent);
  if (mistakes.length > 0) throw new Error(`Expected events by their schemas: ${mistakes.join('; ')}`);
}

/** S3, SQS, DynamoDB, EventBridge and Qure in memory, on one virtual clock, with nothing random in them. */
export class World {
  readonly clock = new VirtualClock(START);
  /** Stands around every call that a stage makes. */
  readonly probe: CallProbe = {};
  readonly series = new SeriesRows();
  readonly instances = new InstanceRows();
  readonly uploadMarks = new UploadMarkRows();
  readonly instanceResults = new InstanceResultRows();
  readonly quarantine = new QuarantineRows();
  readonly markers = new MarkerRows();
  readonly circuits = new CircuitRows();
  readonly quotas = new QuotaRows();
  readonly workspaces = new WorkspaceRows();
  readonly modelVersions = new ModelVersionRows();
  readonly reconciliation = new ReconcileRows(this.instances, this.quarantine);
  readonly deadLetters = new DeadLetterRows(this.clock);
  readonly drop: VirtualDropBucket;
  readonly results = new VirtualResultsBucket();
  readonly completion = new VirtualQueue('completion', this.clock, (m) => completionMessage.parse(m));
  readonly compute = new VirtualQueue('compute', this.clock, (m) => computeMessage.strict().parse(m));
  readonly polls = new VirtualQueue('results', this.clock, (m) => resultsMessage.strict().parse(m));
  readonly qure = new QureScript();
  readonly events: OutboxEvent[] = [];
  readonly log: LogLine[] = [];
  readonly metrics: Measurement[] = [];
  readonly credentials = new Map<string, QureCredentials>();
  /** What the one process of a stage remembers; a crash forgets it. */
  readonly proven = new Set<string>();
  sources: Source[];
  /** Of sources that cannot be read and are left out of `sources`. */
  brokenPrefixes: string[] = [];
  /** Messages in the ingest queue, as SQS counts them. */
  waitingDrops = 0;
  /** Of the invocation under way. */
  remainingMs = 900_000;
  readonly #random: () => number;

  constructor(options: WorldOptions = {}) {
    this.sources = options.sources ?? [sourceNamed('default')];
    this.drop = new VirtualDropBucket(this.clock, options.isVersioned ?? false);
    this.#random = options.random ?? (() => 0.5);
    for (const { name } of this.sources) this.credentials.set(name, credentialsOf(name));
  }

  get source(): Source {
    const [first] = this.sources;
    if (first === undefined) throw new Error('expected a world with a source, got none');
    return first;
  }

  /** What every stage needs; each takes its own part of it. */
  readonly deps = this.#ports();

  #ports() {
    const { probe } = this;
    const queues: Queues = {
      sendCompletion: async (message, delaySeconds) => this.completion.send(message, delaySeconds),
      sendCompute: async (message, delaySeconds) => this.compute.send(message, delaySeconds),
      sendResults: async (message, delaySeconds) => this.polls.send(message, delaySeconds),
    };
    const single = observed(
      'world',
      {
        publish: async (events: readonly OutboxEvent[]) => {
          expectSchema(events);
          this.events.push(...events);
        },
        countWaitingDrops: async () => this.waitingDrops,
        linkUpload: async (key: string, expiresInSeconds: number) =>
          `https://drop.example/${key}?expires=${expiresInSeconds}`,
        loadSources: async () => this.sources,
        loadBrokenPrefixes: async () => this.brokenPrefixes,
        loadPatientHasher: async () => patientHasher(PATIENT_KEY),
        loadCredentials: async ({ name }: Pick<Source, 'name'>) => this.credentials.get(name),
      },
      probe,
    );
    // Made anew at each access: the fields of a class are set in their order, and `drop` comes with the constructor.
    const drop = () => observed('drop', this.drop, probe);
    return {
      series: observed('series', this.series, probe),
      instances: observed('instances', this.instances, probe),
      uploadMarks: observed('uploadMarks', this.uploadMarks, probe),
      instanceResults: observed('instanceResults', this.instanceResults, probe),
      quarantine: observed('quarantine', this.quarantine, probe),
      markers: observed('markers', this.markers, probe),
      circuits: observed('circuits', this.circuits, probe),
      quotas: observed('quotas', this.quotas, probe),
      workspaces: observed('workspaces', this.workspaces, probe),
      modelVersions: observed('modelVersions', this.modelVersions, probe),
      reconciliation: observed('reconciliation', this.reconciliation, probe),
      get drop() {
        return drop();
      },
      dropBucketName: DROP_BUCKET,
      linkUpload: single.linkUpload,
      newFolderName: () => 'folder-1',
      results: observed('results', this.results, probe),
      storedResults: observed('storedResults', this.results, probe),
      queues: observed('queues', queues, probe),
      deadLetters: {
        ...this.deadLetters.sink,
        send: observed('deadLetters', this.deadLetters.sink, probe).send,
      },
      deadLetterBox: observed('deadLetterBox', this.deadLetters.box, probe),
      qure: observed('qure', this.qure.client, probe),
      publish: single.publish,
      countWaitingDrops: single.countWaitingDrops,
      loadSources: single.loadSources,
      loadBrokenPrefixes: single.loadBrokenPrefixes,
      loadPatientHasher: single.loadPatientHasher,
      loadCredentials: single.loadCredentials,
      proven: this.proven,
      clock: this.clock.now,
      random: () => this.#random(),
      timeoutSignal: () => new AbortController().signal,
      remainingMs: () => this.remainingMs,
      log: ((level, message, fields = {}) => this.log.push({ level, message, fields })) as Log,
      meter: ((name, value, dimensions = {}) => this.metrics.push({ name, value, dimensions })) as Meter,
    };
  }

  /**
   * Throws when Qure was called off the script, or when a log line, a metric, an event or a message says what it must not: an object's
   * key (which may hold a name) or a token.
   */
  verify(): void {
    this.qure.verify();
    const said = JSON.stringify([
      this.log,
      this.metrics,
      this.events,
      this.completion.sent,
      this.compute.sent,
      this.polls.sent,
    ]);
    const secrets = [...this.drop.keys(), ...[...this.credentials.values()].map(({ token }) => token)];
    if (secrets.some((secret) => said.includes(secret))) {
      throw new Error(
        'a key of the drop bucket or a token stands in a log line, a metric, an event or a message',
      );
    }
  }
}

export function credentialsOf(source: string, version = 1): QureCredentials {
  return {
    baseUrl: 'https://qure.example/api',
    token: `token-${version}-of-${source}`,
    source: `site-${source}`,
  };
}

import { createEventPublisher } from '../../../functions/aws/event-publisher.ts';
import { patientHasher } from '../../../functions/instances/patient-hash.ts';
import type { QureCredentials } from '../../../functions/qure/credentials.ts';
import type { OutboxEvent } from '../../../functions/series/events.ts';
import type { Log, LogFields } from '../../../functions/shared/log.ts';
import type { Meter, MetricName } from '../../../functions/shared/metrics.ts';
import type { Source } from '../../../functions/sources/source.ts';
import { SimulatedEventBus } from '../../services/simulated-event-bus.ts';
import { clientOf, directWire } from '../../services/wire.ts';
import { mistakesOfEvent } from '../published-events.ts';
import { DROP_BUCKET } from '../s3-event.ts';
import { type CallProbe, observed, observedEach } from './port-calls.ts';
import { QureScript } from './qure-script.ts';
import { VirtualClock } from './virtual-clock.ts';
import { createWorldBuckets } from './world-buckets.ts';
import { createWorldQueues } from './world-queues.ts';
import { createSimulatedTable, createWorldStores } from './world-stores.ts';

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
    completion: { mode: 'quiet' },
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

/**
 * The adapters of the functions over simulated S3, SQS, DynamoDB and EventBridge, and a Qure that answers by a script, on one virtual
 * clock, with nothing random in them.
 */
export class World {
  readonly clock = new VirtualClock(START);
  /** Stands around every call that a stage makes. */
  readonly probe: CallProbe = {};
  readonly table = createSimulatedTable(this.clock);
  readonly #stores = createWorldStores(this.table);
  readonly series = this.#stores.series;
  readonly accessions = this.#stores.accessions;
  readonly audit = this.#stores.audit;
  readonly instances = this.#stores.instances;
  readonly uploadRecords = this.#stores.uploadRecords;
  readonly instanceResults = this.#stores.instanceResults;
  readonly quarantine = this.#stores.quarantine;
  readonly markers = this.#stores.markers;
  readonly archives = this.#stores.archives;
  readonly sourceStates = this.#stores.sourceStates;
  readonly modelVersions = this.#stores.modelVersions;
  readonly senders = this.#stores.senders;
  readonly computingTimes = this.#stores.computingTimes;
  readonly reconciliation = this.#stores.reconciliation;
  readonly watermark = this.#stores.watermark;
  readonly #buckets = createWorldBuckets(this.clock, () => this.#isVersioned);
  readonly drop = this.#buckets.drop;
  readonly results = this.#buckets.results;
  readonly #queues = createWorldQueues(this.clock, () => this.waitingDrops);
  readonly completion = this.#queues.completion;
  readonly compute = this.#queues.compute;
  readonly polls = this.#queues.polls;
  readonly deadLetters = this.#queues.deadLetters;
  readonly qure = new QureScript();
  readonly events: OutboxEvent[] = [];
  readonly log: LogLine[] = [];
  readonly metrics: Measurement[] = [];
  readonly credentials = new Map<string, QureCredentials>();
  /** What the one process of a stage remembers; a crash forgets it. */
  readonly verifiedCredentials = new Set<string>();
  sources: Source[];
  /** Of sources that cannot be read and are left out of `sources`. */
  misconfiguredPrefixes: string[] = [];
  /** Visible messages of the ingest queue, as SQS counts them. */
  waitingDrops = 0;
  /** Of the invocation under way. */
  remainingMs = 900_000;
  #actions = 0;
  readonly #isVersioned: boolean;
  readonly #random: () => number;

  constructor(options: WorldOptions = {}) {
    this.sources = options.sources ?? [sourceNamed('default')];
    this.#isVersioned = options.isVersioned ?? false;
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
    const { queues, countWaitingDrops, deadLetters } = this.#queues;
    const bus = new SimulatedEventBus({
      name: 'bus',
      onEvent: ({ DetailType: detailType, Detail = '' }) =>
        this.events.push({ detailType, detail: JSON.parse(Detail) } as OutboxEvent),
    });
    const publish = createEventPublisher(clientOf(bus, directWire), 'bus', () => undefined);
    const single = {
      publish: async (events: readonly OutboxEvent[]) => {
        expectSchema(events);
        await publish(events);
      },
      countWaitingDrops,
      linkUpload: async (key: string, expiresInSeconds: number) =>
        `https://drop.example/${key}?expires=${expiresInSeconds}`,
      loadSources: async () => this.sources,
      loadMisconfiguredPrefixes: async () => this.misconfiguredPrefixes,
      loadPatientHasher: async () => patientHasher(PATIENT_KEY),
      loadCredentials: async ({ name }: Pick<Source, 'name'>) => this.credentials.get(name),
    };
    return {
      ...observedEach(
        {
          ...this.#stores,
          ...this.#buckets,
          storedResults: this.#buckets.results,
          queues,
          deadLetterBox: deadLetters.box,
          qure: this.qure.client,
        },
        probe,
      ),
      ...observed('world', single, probe),
      deadLetters: { ...deadLetters.sink, send: observed('deadLetters', deadLetters.sink, probe).send },
      dropBucketName: DROP_BUCKET,
      // The page is built: test/support/console-site.ts.
      readConsoleFile: async () => undefined,
      bucketOrigins: async () => ['https://results.example', 'https://drop.example'],
      newFolderName: () => 'folder-1',
      newActionId: () => {
        this.#actions += 1;
        return `action-${this.#actions}`;
      },
      verifiedCredentials: this.verifiedCredentials,
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
   * key (which may hold a name), an accession number or a token.
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
    const numbers = this.series.all().flatMap(({ accessionNumber }) => accessionNumber ?? []);
    const secrets = [
      ...numbers,
      ...this.drop.keys(),
      ...[...this.credentials.values()].map(({ token }) => token),
    ];
    if (secrets.some((secret) => said.includes(secret))) {
      throw new Error(
        'a key of the drop bucket, an accession number or a token stands in a log line, a metric, an event or a message',
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

import type { Readable } from 'node:stream';
import type { OutboxEvent } from './events.ts';
import type { Instance, InstanceId, StoredObject } from './instance.ts';
import type { Marker } from './marker.ts';
import type { CompletionMessage, ComputeMessage, ResultsMessage } from './messages.ts';
import type { ModelVersion } from './model-version.ts';
import type { HashPatient } from './patient-hash.ts';
import type { QuarantinedObject } from './quarantine.ts';
import type { MissingObject, ReconciliationPass } from './reconciliation.ts';
import type { ReceivingSeries, Series, SeriesId } from './series.ts';
import type { SeriesState } from './series-facts.ts';
import type { QureCredentials, Source } from './source.ts';
import type { SourceState } from './source-state.ts';
import type { Instant } from './time.ts';

/**
 * What the stages need from the world. `functions/adapters/` implements these over AWS; a simulation implements
 * them in memory. Every method may throw for an outage; the message that is being worked on then comes again.
 */

/** The row was saved by somebody else since it was read. */
export interface Conflict {
  kind: 'conflict';
}

export type SaveOutcome<S extends Series = Series> = { kind: 'saved'; series: S } | Conflict;

export interface SeriesStore {
  /** Strongly consistent. */
  load(id: SeriesId): Promise<Series | undefined>;
  /** Saves where the row still has `series.version`; the saved row has the next version. */
  save<S extends Series>(series: S): Promise<SaveOutcome<S>>;
  /**
   * Creates the series, or refreshes its last arrival while it is receiving. `closed`: it is in another state, and
   * nothing was written.
   */
  touch(
    arrival: SeriesArrival,
  ): Promise<{ kind: 'created' | 'refreshed'; ticket: number } | { kind: 'closed' }>;
  /**
   * Takes the next ticket of a receiving series, for the message of its next look, whatever its version: instances may arrive
   * meanwhile. The sweep waits until `dueAt`. `conflict`: another message has the ticket, or the series was judged.
   */
  rearm(series: ReceivingSeries, dueAt: Instant): Promise<{ kind: 'rearmed'; ticket: number } | Conflict>;
  /** Moves the time at which the sweep looks after the series, whatever its version. */
  heartbeat(id: SeriesId, dueAt: Instant): Promise<void>;
  /** Series that are due, oldest first, at most `limit`. */
  due(now: Instant, limit: number): Promise<SeriesId[]>;
  /** Newest change first. */
  list(query: SeriesQuery): Promise<{ series: Series[]; cursor?: string }>;
  /** The same series under every source that has it. */
  findByUid(seriesInstanceUid: string): Promise<Series[]>;
}

export interface SeriesArrival extends SeriesId {
  studyInstanceUid: string;
  modality?: string;
  now: Instant;
  dueAt: Instant;
}

export interface SeriesQuery {
  state?: SeriesState;
  source?: string;
  studyInstanceUid?: string;
  limit: number;
  cursor?: string;
}

export interface InstanceStore {
  /** Strongly consistent; missing ones are left out. */
  find(ids: readonly InstanceId[]): Promise<Instance[]>;
  put(instances: readonly Instance[]): Promise<void>;
  /** Strongly consistent. */
  ofSeries(id: SeriesId): Promise<Instance[]>;
  /** Strongly consistent. */
  count(id: SeriesId): Promise<number>;
}

/** A content of an instance. */
export interface MarkedFile {
  sopInstanceUid: string;
  etag: string;
  /** Of the bytes that went to Qure. Absent in old marks, and where no answer came. */
  sha256?: string;
}

/** What Qure registered with one upload request. The marks of a round are of one content of each instance. */
export interface UploadRecord {
  registered: MarkedFile[];
  /** About to be sent in place of another content, or sent out of order: Qure may hold them, whatever it answers. */
  sent?: MarkedFile[];
  /** SOPInstanceUIDs among `registered` that replaced another content, and of which Qure said only that it has them. */
  unconfirmed?: string[];
  /** NumberOfSeriesRelatedInstances of the receipt. */
  instancesAtQure?: number;
}

export interface UploadRecordStore {
  add(id: SeriesId, round: number, mark: UploadRecord): Promise<void>;
  /** Of one round, in any order. */
  of(id: SeriesId, round: number): Promise<UploadRecord[]>;
  /** Of all rounds, in any order. */
  ofAllRounds(id: SeriesId): Promise<UploadRecord[]>;
}

/** The final answer for one instance of an X-ray series. */
export interface InstanceResult {
  sopInstanceUid: string;
  /** `not_implemented`: Qure has not read it, and said so with a 200. */
  answer: 'ready' | 'ready_invalid_scan' | 'unsupported' | 'not_implemented';
  triageStatus?: 'critical' | 'routine';
  usecase?: string;
  modelVersion?: string;
  reason?: string;
  resultFiles: string[];
  /** Of the answer (`answerDigest`), and of the content that was asked about. Absent in rows from before they were kept. */
  digest?: string;
  etag?: string;
  /** The answer equals that of this earlier generation in everything but its links. */
  sameAsGeneration?: number;
  /** It was accepted only after a wait, since the content is another one. */
  isDoubtful?: boolean;
}

export interface InstanceResultStore {
  put(id: SeriesId, generation: number, result: InstanceResult): Promise<void>;
  of(id: SeriesId, generation: number): Promise<InstanceResult[]>;
  /** The last answer to each instance in the generations before this one, by SOPInstanceUID. */
  before(id: SeriesId, generation: number): Promise<Map<string, InstanceResult & { generation: number }>>;
}

export interface QuarantineStore {
  find(keys: readonly string[]): Promise<QuarantinedObject[]>;
  put(objects: readonly QuarantinedObject[]): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  list(query: { limit: number; cursor?: string }): Promise<{ items: QuarantinedObject[]; cursor?: string }>;
}

export interface MarkerStore {
  put(marker: Marker): Promise<void>;
  load(source: string, markerId: string): Promise<Marker | undefined>;
  /** The counts of the marker have been reached. Nothing is written if the marker has been dropped again since. */
  markFulfilled(marker: Marker): Promise<void>;
  /** Those of the given markers that exist. */
  find(source: string, markerIds: readonly string[]): Promise<Marker[]>;
}

export interface SourceStateStore {
  /**
   * Decides on the state of a source as it stands (strongly consistent; `NEW_SOURCE_STATE` where there is none) and saves what
   * was decided; nothing is written where the decision holds the very state that it was given. Decides anew when another run was
   * first. @throws SourceContendedError when others are first again and again
   */
  decide<D extends { state: SourceState }>(
    source: string,
    decision: (standing: SourceState) => D,
  ): Promise<D>;
}

/** The model versions that sources were last answered by. */
export interface ModelVersionStore {
  /** Strongly consistent. */
  load(source: string, usecase: string): Promise<ModelVersion | undefined>;
  /** Only in the place of `before`; false: another run was first. */
  replace(next: ModelVersion, before: ModelVersion | undefined): Promise<boolean>;
}

/** What reconciliation remembers between its runs, and the rows that it alone takes out. */
export interface ReconcileStore {
  loadPass(): Promise<ReconciliationPass | undefined>;
  savePass(pass: ReconciliationPass): Promise<void>;
  /** Remembers when the object of this row was first not found; a note of another object of the row is replaced. */
  saveMissing(missing: MissingObject): Promise<void>;
  /** One page of notes, of one source or of all. */
  listMissing(query: {
    source?: string;
    cursor?: string;
  }): Promise<{ items: MissingObject[]; cursor?: string }>;
  deleteMissing(id: InstanceId): Promise<void>;
  /** Takes a row out as long as it stands for the very object that was read. */
  removeInstance(instance: Instance): Promise<'removed' | 'changed'>;
  /** Takes a quarantine row out as long as it is the one that was read. */
  removeQuarantined(object: QuarantinedObject): Promise<'removed' | 'changed'>;
}

/** Which source has brought what into a workspace of Qure's; Qure itself does not tell sources of one workspace apart. */
export interface WorkspaceStore {
  /**
   * Takes a series or instance of a workspace for a source, unless another one has it; answers who has it from then on.
   * Strongly consistent: of two that ask at once, both get the same answer.
   */
  take(workspace: string, uid: string, source: string): Promise<string>;
}

export interface ListedObject {
  key: string;
  sizeBytes: number;
  etag: string;
  lastModified: Instant;
}

/** The drop bucket, read only. */
export interface DropBucket {
  /** A part of an object; `missing` when there is none under this key (any more). */
  readRange(key: string, startByte: number, endByte: number): Promise<RangeAnswer>;
  /** The exact content that was indexed; `missing` when it is gone or replaced. */
  openInstance(object: StoredObject): Promise<{ kind: 'open'; body: Readable } | { kind: 'missing' }>;
  /** One page of up to 1,000 objects in key order. */
  list(prefix: string, startAfter?: string): Promise<{ objects: ListedObject[]; isLast: boolean }>;
}

export type RangeAnswer =
  | { kind: 'missing' }
  | {
      kind: 'range';
      bytes: Uint8Array;
      totalSizeBytes: number;
      etag: string;
      versionId?: string;
      lastModified: Instant;
    };

/** The results bucket. */
export interface ResultsBucket {
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  putStream(key: string, body: Readable, contentType: string): Promise<void>;
  /** Keys below `prefix`. */
  keys(prefix: string): Promise<string[]>;
  /** What lies under a key; `undefined` when there is nothing. */
  open(key: string): Promise<Readable | undefined>;
  /** Gives an object these tags instead of those that it has. `missing`: there is no such object. */
  tag(key: string, tags: Readonly<Record<string, string>>): Promise<'tagged' | 'missing'>;
}

/** Links to the results bucket, and the JSON documents in it. */
export interface StoredResults {
  /** A link to a file of a result that anybody may use until it expires; a browser shows it only where that is harmless. */
  linkTo(folder: string, file: string, expiresInSeconds: number): Promise<string>;
  /** `undefined` when there is none, when it is larger than `maxBytes`, or no JSON. */
  readJson(key: string, maxBytes: number): Promise<unknown>;
}

/** The drop bucket as a sender has it: the canary drops as a site does. */
export interface DropWriter {
  put(key: string, body: Uint8Array): Promise<void>;
}

/** A link by which anybody may put an object under this key of the drop bucket until it expires. Never logged. */
export type LinkUpload = (key: string, expiresInSeconds: number) => Promise<string>;

export interface Queues {
  sendCompletion(message: CompletionMessage, delaySeconds: number): Promise<void>;
  sendCompute(message: ComputeMessage, delaySeconds: number): Promise<void>;
  sendResults(message: ResultsMessage, delaySeconds: number): Promise<void>;
}

export type CountWaitingDrops = () => Promise<number>;

/** At least once; throws unless EventBridge has taken every event. */
export type PublishEvents = (events: readonly OutboxEvent[]) => Promise<void>;

/** Sources whose document has mistakes are left out. */
export type LoadSources = () => Promise<Source[]>;

/**
 * Where the sources that were left out have their drops, and what two sources have in common; the empty prefix where
 * that cannot be told. What lies there, and below the prefix of no one source, belongs to somebody and must wait.
 */
export type LoadMisconfiguredPrefixes = () => Promise<string[]>;

/** `undefined` while the source's secret is missing or not filled in. */
export type LoadCredentials = (source: Pick<Source, 'name' | 'qure'>) => Promise<QureCredentials | undefined>;

/** Throws while the key of the deployment cannot be had. */
export type LoadPatientHasher = () => Promise<HashPatient>;

/** One line of JSON. Fields hold UIDs, codes, counts and times; never texts of a header, keys, URLs or tokens. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: LogFields) => void;
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Qure's acceptance of a compute call: what it then held. */
export interface Acceptance {
  atMs: number;
  /** Of the pipeline's row at that moment; 0 where Qure starts by itself. */
  generation: number;
  isRecompute: boolean;
  /** Content of each instance by SOPInstanceUID. */
  contents: ReadonlyMap<string, string>;
  modelVersion: string;
}

export interface Computation extends Acceptance {
  number: number;
  readyAtMs: number;
}

/** What Qure knows of one series of one workspace. */
export class QureSeries {
  /** Content and time of each instance that Qure holds, by SOPInstanceUID. */
  readonly held = new Map<string, { content: string; sinceMs: number }>();
  /** `<SOPInstanceUID> <content>` of everything that was ever registered. */
  readonly registered = new Set<string>();
  /** X-rays: the model that reads each of these. */
  readonly modelVersions = new Map<string, string>();
  /** X-rays: the use case of the product that reads each of these. */
  readonly usecases = new Map<string, string>();
  /** X-rays: the same of those that Qure has said of that it has not read them. */
  readonly unread = new Set<string>();
  /** X-rays: when an image was answered first. */
  firstAnswerAtMs: number | undefined;
  /** The same of contents that Qure answered for, keeping the one that it had. */
  readonly notTaken = new Set<string>();
  readonly accepted: Acceptance[] = [];
  /** Receipts that reached the pipeline: how many instances they counted at most. */
  receiptCount = 0;
  /**
   * When a content came after the one that replaced it, though it had been sent before: nobody can order requests that are
   * under way. The run that sent it notices, unless something ends it first.
   */
  readonly overtakenAtMs: number[] = [];
  /** How often Qure took back, or denied, what it had acknowledged. */
  disowned = 0;
  /** Requests with instances of two studies or patients. */
  mixedUploads = 0;
  current: Computation | undefined;
  /** The computation before the current one; its result may be served until the current one is spoken of, or served. */
  before: Computation | undefined;
  /** When "under process" was last said. */
  spokenAtMs = 0;
  lastUploadAtMs = 0;

  get contents(): Map<string, string> {
    return new Map([...this.held].map(([sop, { content }]) => [sop, content]));
  }

  /** The model that has accepted this generation before. */
  versionOf(generation: number): string | undefined {
    return this.accepted.find((one) => one.generation === generation)?.modelVersion;
  }

  /** Whether another content of the instance is held, which this one then does not replace. */
  keep(sopInstanceUid: string, content: string): boolean {
    const held = this.held.get(sopInstanceUid);
    if (held === undefined || held.content === content) return false;
    this.registered.add(`${sopInstanceUid} ${content}`);
    this.notTaken.add(`${sopInstanceUid} ${content}`);
    return true;
  }

  begin(computation: Computation): void {
    this.before = this.current;
    this.current = computation;
    this.spokenAtMs = 0;
  }

  /** The result of the computation before, where it was there and nobody has heard of a later one. */
  oldResult(nowMs: number): Computation | undefined {
    const { before } = this;
    const isThere = before !== undefined && before.readyAtMs <= nowMs && this.spokenAtMs < before.readyAtMs;
    return isThere ? before : undefined;
  }

  forget(): void {
    this.held.clear();
    this.current = undefined;
    this.before = undefined;
    this.disowned += 1;
  }
}

export interface Workspace {
  /** What it answers to this token at this time. */
  access(token: string): 'granted' | 'rejected' | 'denied' | 'unlicensed';
  /** Qure starts by itself when nothing has come for half a minute. */
  isAutomatic: boolean;
}

/** What Qure thinks of a series, by its SeriesInstanceUID. */
export interface Verdicts {
  isUnsupported(seriesInstanceUid: string): boolean;
  isInvalidScan(sopInstanceUid: string): boolean;
  usecaseOf(uid: string): string;
}

/** A part of an upload. */
export interface SentFile {
  sopInstanceUid: string;
  /** MD5. */
  content: string;
  /** When its request began. */
  sentAtMs: number;
}

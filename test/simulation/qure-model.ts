import type { ComputeOutcome, ResultsOutcome } from '../../functions/qure/client/client.ts';
import type { UploadOutcome } from '../../functions/qure/client/upload-instances.ts';
import { readComputeAnswer } from '../../functions/qure/compute-answer.ts';
import type { QureCredentials } from '../../functions/qure/credentials.ts';
import { isReady, readResultsAnswer } from '../../functions/qure/results-answer.ts';
import { readUploadAnswer } from '../../functions/qure/upload-answer.ts';
import type { FaultKind } from './faults.ts';
import { foundIn, typesOf } from './qure-findings.ts';
import {
  type Acceptance,
  type Computation,
  QureSeries,
  type SentFile,
  type Verdicts,
  type Workspace,
} from './qure-series.ts';
import type { Random } from './random.ts';
import { type ForeignOwner, isForeign } from './scans.ts';
import { otherXrayUsecase, untrueRefusal, untrueResult } from './untrue-answers.ts';

const AUTOMATIC_SILENCE_MS = 30_000;
const LINK_LIFE_MS = 300_000;

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Qure's platform in memory, as docs/qure-api.md describes it: its answers go through the client's own readers. */
export class QureModel {
  readonly series = new Map<string, QureSeries>();
  /** Calls for each workspace that were refused for its credentials or licence. */
  readonly refusals = new Map<string, number[]>();
  readonly #workspaces: ReadonlyMap<string, Workspace>;
  readonly #verdicts: Verdicts;
  readonly #random: Random;
  readonly #nowMs: () => number;
  /** Of the models that are at work now. */
  #models = 1;
  /** X-rays are read by the other one of their two products. */
  #isOtherXray = false;
  /** How much longer than usual a computation takes that begins now. */
  slowness: () => number = () => 1;
  /** Called for each compute call that is let in; gives the generation that the pipeline is at. */
  onCompute: (workspace: string, uid: string, series: QureSeries) => number = () => 0;

  constructor(
    workspaces: ReadonlyMap<string, Workspace>,
    verdicts: Verdicts,
    random: Random,
    nowMs: () => number,
  ) {
    this.#workspaces = workspaces;
    this.#verdicts = verdicts;
    this.#random = random;
    this.#nowMs = nowMs;
  }

  seriesOf(workspace: string, uid: string): QureSeries {
    const key = `${workspace} ${uid}`;
    const known = this.series.get(key) ?? new QureSeries();
    this.series.set(key, known);
    return known;
  }

  /** Another system brings an instance. */
  deliver(workspace: string, uid: string, sopInstanceUid: string, content: string): void {
    this.#hold(this.seriesOf(workspace, uid), sopInstanceUid, content, this.#nowMs());
  }

  #hold(series: QureSeries, sopInstanceUid: string, content: string, sentAtMs: number): void {
    const held = series.held.get(sopInstanceUid);
    if (held !== undefined && held.content !== content && held.sinceMs > sentAtMs)
      series.overtakenAtMs.push(this.#nowMs());
    if (held?.content !== content) series.held.set(sopInstanceUid, { content, sinceMs: this.#nowMs() });
    const id = `${sopInstanceUid} ${content}`;
    series.registered.add(id);
    // One content is read by one model of one product, also where Qure forgets it meanwhile.
    if (!series.modelVersions.has(id)) {
      series.modelVersions.set(id, this.#modelVersion);
      series.usecases.set(id, this.#usecaseOf(sopInstanceUid));
    }
    series.lastUploadAtMs = this.#nowMs();
  }

  upload(
    credentials: QureCredentials,
    uid: string,
    files: readonly SentFile[],
    fault: FaultKind | undefined,
  ): UploadOutcome {
    if (fault === 'qure_other_model') this.#models += 1;
    if (fault === 'qure_other_xray') this.#isOtherXray = !this.#isOtherXray;
    const fieldNames = files.map((_file, at) => `file_${at}`);
    const reply = this.#refusal(credentials, fault, true) ?? this.#registered(credentials, uid, files, fault);
    return readUploadAnswer(this.#answer(reply), { fieldNames, seriesInstanceUid: uid });
  }

  #registered(
    credentials: QureCredentials,
    uid: string,
    files: readonly SentFile[],
    fault: FaultKind | undefined,
  ): Reply {
    const isUnlicensed = this.#access(credentials) === 'unlicensed';
    if (isUnlicensed) this.#countRefusal(credentials.source);
    if (fault === 'qure_too_large' && files.length > 1) return { status: 413, body: '<html>413</html>' };
    if (fault === 'qure_refused_batch' && files.length > 1)
      return { status: 400, body: { message: 'Invalid DICOM' } };
    const series = this.seriesOf(credentials.source, uid);
    if (new Set(files.map(({ content }) => isForeign(content))).size > 1) series.mixedUploads += 1;
    const spoiled = this.#random.between(0, files.length - 1);
    const messages: Record<string, unknown> = {};
    for (const [at, { sopInstanceUid, content, sentAtMs }] of files.entries()) {
      const isSpoiled = at === spoiled;
      if (isUnlicensed) {
        messages[`file_${at}`] = { message: 'License expired', created: false, license_expired: true };
        continue;
      }
      if (isSpoiled && fault === 'qure_part_refused') {
        messages[`file_${at}`] = {
          message: 'Error while registering',
          created: false,
          license_expired: false,
        };
        continue;
      }
      const isNew = !series.held.has(sopInstanceUid);
      const isKept = fault === 'qure_kept_content' && series.keep(sopInstanceUid, content);
      if (!isKept) this.#hold(series, sopInstanceUid, content, sentAtMs);
      if (isSpoiled && fault === 'qure_part_unclear') continue;
      messages[`file_${at}`] = {
        message: 'DICOM registered successfully.',
        created: isNew,
        license_expired: false,
        metadata: {},
      };
      // One that no receipt can have shown: what Qure loses after that, its results call tells (`qure_forgot_series`).
      if (isSpoiled && isNew && fault === 'qure_forgot_instance') {
        series.held.delete(sopInstanceUid);
        series.disowned += 1;
      }
    }
    const behind = fault === 'qure_short_count' ? this.#random.between(1, files.length) : 0;
    const count = Math.max(0, series.held.size - behind);
    return {
      status: 200,
      body: {
        message: 'Success',
        status: 'success',
        messages,
        series_instance_uids: [uid],
        detailed_info: [{ SeriesInstanceUID: uid, NumberOfSeriesRelatedInstances: count }],
      },
    };
  }

  compute(
    credentials: QureCredentials,
    uid: string,
    isRecompute: boolean,
    fault: FaultKind | undefined,
  ): ComputeOutcome {
    if (fault === 'qure_other_model') this.#models += 1;
    const reply = this.#refusal(credentials, fault) ?? this.#computed(credentials, uid, isRecompute, fault);
    return readComputeAnswer(this.#answer(reply));
  }

  #computed(
    credentials: QureCredentials,
    uid: string,
    isRecompute: boolean,
    fault: FaultKind | undefined,
  ): Reply {
    const series = this.seriesOf(credentials.source, uid);
    const generation = this.onCompute(credentials.source, uid, series);
    if (fault === 'qure_forgot_series') series.forget();
    if (fault === 'qure_not_yet') series.disowned += 1;
    if (series.held.size === 0 || fault === 'qure_not_yet') {
      return {
        status: 404,
        body: { sucess: false, message: `Series with SeriesInstanceUID ${uid} is not yet uploaded!` },
      };
    }
    if (series.current !== undefined && !isRecompute) {
      const message = `${uid} was already pushed for computation!`;
      return this.#random.isOneIn(2) ? { status: 304 } : { status: 200, body: { message, success: true } };
    }
    const modelVersion = series.versionOf(generation) ?? this.#modelVersion;
    const acceptance = {
      atMs: this.#nowMs(),
      generation,
      isRecompute,
      contents: series.contents,
      modelVersion,
    };
    series.accepted.push(acceptance);
    series.begin(this.#begun(acceptance, series.accepted.length));
    return {
      status: 200,
      body: { message: `${uid} successfully pushed for computation!`, success: true, authenticated: true },
    };
  }

  #begun(acceptance: Acceptance, number: number): Computation {
    // Most computations take a minute or two; some are there before anybody asks, some take a quarter of an hour.
    const seconds = this.#random.isOneIn(8) ? this.#random.between(300, 900) : this.#random.between(1, 120);
    return { ...acceptance, number, readyAtMs: this.#nowMs() + seconds * 1000 * this.slowness() };
  }

  seriesResults(credentials: QureCredentials, uid: string, fault: FaultKind | undefined): ResultsOutcome {
    // A series that belongs to nobody is in no other workspace.
    const befalling = fault === 'qure_denied_series' && uid.startsWith('2.25.') ? undefined : fault;
    return this.#readResults(
      this.#refusal(credentials, befalling) ?? this.#seriesResult(credentials, uid, befalling),
    );
  }

  #seriesResult(credentials: QureCredentials, uid: string, fault: FaultKind | undefined): Reply {
    const series = this.seriesOf(credentials.source, uid);
    if (fault === 'qure_undetermined') return UNDETERMINED;
    const denied = this.#denied(series, fault);
    if (denied !== undefined) return denied;
    if (this.#workspaces.get(credentials.source)?.isAutomatic === true) this.#startByItself(series);
    const { current } = series;
    if (current === undefined || fault === 'qure_not_computed') {
      if (current !== undefined) series.disowned += 1;
      return { status: 409, body: { success: false, message: 'Series was not sent to compute' } };
    }
    if (fault === 'qure_slow') current.readyAtMs = Math.max(current.readyAtMs, this.#nowMs()) + 3_600_000;
    const old = fault === 'qure_old_result' ? series.oldResult(this.#nowMs()) : undefined;
    if (old === undefined && this.#nowMs() < current.readyAtMs) {
      series.spokenAtMs = this.#nowMs();
      return this.#underProcess(uid);
    }
    if (this.#verdicts.isUnsupported(uid)) {
      return {
        status: 400,
        body: { success: false, debug_info: { reason: 'Slice thickness is too large' } },
      };
    }
    if (old === undefined) series.before = undefined;
    const { contents: computed, modelVersion, number } = old ?? current;
    const contents = Object.fromEntries(computed);
    const usecase = this.#verdicts.usecaseOf(uid);
    const result = this.#result(uid, usecase, { of: `${credentials.source}/${number}`, modelVersion });
    // Nothing else tells two computations of the same instances apart.
    return untrueResult(fault, { status: 200, body: { ...result, contents } });
  }

  instanceResults(credentials: QureCredentials, sop: string, fault: FaultKind | undefined): ResultsOutcome {
    return this.#readResults(
      this.#refusal(credentials, fault) ?? this.#instanceResult(credentials, sop, fault),
    );
  }

  #instanceResult(credentials: QureCredentials, sop: string, fault: FaultKind | undefined): Reply {
    const prefix = `${credentials.source} `;
    const series = [...this.series].find(([key, one]) => key.startsWith(prefix) && one.held.has(sop))?.[1];
    if (fault === 'qure_undetermined') return UNDETERMINED;
    if (series === undefined) return NOT_UPLOADED;
    const denied = this.#denied(series, fault);
    if (denied !== undefined) return denied;
    const held = series.held.get(sop);
    if (held === undefined) return NOT_UPLOADED;
    if (fault === 'qure_slow') held.sinceMs = this.#nowMs() + 3_600_000;
    if (this.#nowMs() < held.sinceMs + 45_000) return this.#underProcess(sop);
    series.firstAnswerAtMs ??= this.#nowMs();
    const id = `${sop} ${held.content}`;
    if (fault === 'qure_not_read') series.unread.add(id);
    const status = this.#verdicts.isInvalidScan(sop) ? 206 : 200;
    const usecase = status === 206 ? 'not_implemented' : (series.usecases.get(id) ?? '');
    const modelVersion = series.modelVersions.get(id) ?? '';
    const result = this.#result(sop, usecase, { of: `${credentials.source}/${held.content}`, modelVersion });
    const body = { ...result, contents: { [sop]: held.content } };
    return untrueResult(fault, { status, body });
  }

  /** `undefined`: there is an asset under this link. */
  linkState(url: string): 'expired' | undefined {
    const untilMs = Number(/until=(?<ms>[0-9]+)/.exec(url)?.groups?.['ms']);
    return this.#nowMs() < untilMs ? undefined : 'expired';
  }

  pickForeignOwner(): ForeignOwner {
    return this.#random.isOneIn(2) ? 'study' : 'patient';
  }

  #denied(series: QureSeries, fault: FaultKind | undefined): Reply | undefined {
    if (fault === 'qure_forgot_series') series.forget();
    if (fault === 'qure_not_yet') series.disowned += 1;
    return series.held.size === 0 || fault === 'qure_not_yet' ? NOT_UPLOADED : undefined;
  }

  #startByItself(series: QureSeries): void {
    const startedAtMs = series.lastUploadAtMs + AUTOMATIC_SILENCE_MS;
    if (series.held.size === 0 || this.#nowMs() < startedAtMs) return;
    if (series.current !== undefined && series.current.atMs >= series.lastUploadAtMs) return;
    const begun = this.#begun(
      {
        atMs: startedAtMs,
        generation: 0,
        isRecompute: false,
        contents: series.contents,
        modelVersion: series.current?.modelVersion ?? this.#modelVersion,
      },
      0,
    );
    series.begin(begun);
  }

  #underProcess(uid: string): Reply {
    if (this.#random.isOneIn(4)) return { status: 202, body: { reason: 'processing not started' } };
    const message = `${uid} is under process. Please try again later`;
    return { status: 202, body: { success: false, message } };
  }

  /** `of`: the workspace, and the computation or the content; its assets say it. */
  #result(uid: string, usecase: string, { of, modelVersion }: { of: string; modelVersion: string }) {
    const untilMs = this.#nowMs() + LINK_LIFE_MS;
    const files = Object.fromEntries(
      typesOf(usecase).map((type) => [
        type,
        [`https://assets.example/${type}/${uid}?until=${untilMs}&of=${of}`],
      ]),
    );
    return {
      success: true,
      message: 'Results retrieved successfully!',
      triage_status: 'Critical',
      usecase,
      result: { ...foundIn(uid, usecase, modelVersion), files },
    };
  }

  #usecaseOf(uid: string): string {
    const usecase = this.#verdicts.usecaseOf(uid);
    return this.#isOtherXray ? otherXrayUsecase(usecase) : usecase;
  }

  get #modelVersion(): string {
    return `model-${this.#models}`;
  }

  #access(credentials: QureCredentials) {
    return this.#workspaces.get(credentials.source)?.access(credentials.token) ?? 'denied';
  }

  #countRefusal(workspace: string): void {
    const times = this.refusals.get(workspace) ?? [];
    times.push(this.#nowMs());
    this.refusals.set(workspace, times);
  }

  /** What a proxy or a gate answers in Qure's place. */
  #refusal(credentials: QureCredentials, fault: FaultKind | undefined, isUpload = false): Reply | undefined {
    switch (fault) {
      case 'qure_down':
        return { status: 503, body: 'Service Unavailable' };
      case 'qure_proxy':
        return { status: 502, body: '<html><body>502 Bad Gateway</body></html>' };
      case 'qure_busy':
        return { status: 429, headers: { 'retry-after': String(this.#random.between(1, 200)) } };
      case 'qure_login_page':
        return { status: 200, body: '<html><body>Sign in</body></html>' };
    }
    const untrue = fault === undefined ? undefined : untrueRefusal(fault, this.#random.isOneIn(2));
    if (untrue !== undefined) return untrue;
    const access = this.#access(credentials);
    if (access === 'granted' || (access === 'unlicensed' && isUpload)) return undefined;
    this.#countRefusal(credentials.source);
    // An expired licence is reported for uploads; other calls are refused like those of an unknown client.
    if (access === 'rejected')
      return { status: 401, body: { message: 'Invalid token header.', authenticated: false } };
    return { status: 403, body: 'Forbidden' };
  }

  #readResults(reply: Reply): ResultsOutcome {
    const answer = this.#answer(reply);
    const read = readResultsAnswer(answer);
    return isReady(read) ? { ...read, rawBody: Buffer.from(answer.bodyText) } : read;
  }

  #answer({ status, body, headers = {} }: Reply) {
    const bodyText = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    return { status, headers, bodyText, receivedAt: new Date(this.#nowMs()) };
  }
}

const NOT_UPLOADED: Reply = { status: 404, body: { success: false, message: 'not yet uploaded!' } };
const UNDETERMINED: Reply = {
  status: 400,
  body: { success: false, debug_info: { reason: 'Validity not determined yet!' } },
};

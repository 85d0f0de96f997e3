import { isValidUid } from '@qure-dropoff/dicom';
import type { AssetOutcome, FetchAssetOptions } from '../../../functions/qure/client/asset-download.ts';
import type { ComputeOutcome, QureClient, ResultsOutcome } from '../../../functions/qure/client/client.ts';
import type { UploadFile } from '../../../functions/qure/client/multipart.ts';
import type { UploadOutcome } from '../../../functions/qure/client/upload-instances.ts';
import type { QureCredentials } from '../../../functions/qure/credentials.ts';

/** Happens when a stage calls Qure and no answer was written for it. */
export class UnscriptedCallError extends Error {
  override name = 'UnscriptedCallError';
}

type Answer<Call, Outcome> = Outcome | ((call: Call) => Outcome | Promise<Outcome>);

/** The answers of one call of the API: those given by `next` in their order, then the one given by `always`. */
export class CallScript<Call, Outcome extends object> {
  readonly calls: Call[] = [];
  readonly unexpectedCalls: string[] = [];
  readonly #name: string;
  #answers: Answer<Call, Outcome>[] = [];
  #always: Answer<Call, Outcome> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  next(...answers: Answer<Call, Outcome>[]): this {
    this.#answers.push(...answers);
    return this;
  }

  always(answer: Answer<Call, Outcome>): this {
    this.#always = answer;
    return this;
  }

  get unusedAnswers(): number {
    return this.#answers.length;
  }

  async answer(call: Call): Promise<Outcome> {
    this.calls.push(call);
    const answer = this.#answers.shift() ?? this.#always;
    if (answer === undefined) {
      this.unexpectedCalls.push(this.#name);
      throw new UnscriptedCallError(`call ${this.calls.length} of ${this.#name} has no answer in the script`);
    }
    return typeof answer === 'function' ? answer(call) : answer;
  }
}

export interface UploadCall {
  seriesInstanceUid: string;
  token: string;
  files: { fileName: string; body: Buffer; hasSize: boolean }[];
}
type UidCall = { uid: string; token: string };

/** A fake of the Qure client that answers by a script and refuses everything else. */
export class QureScript {
  readonly uploads = new CallScript<UploadCall, UploadOutcome>('uploadInstances');
  readonly computes = new CallScript<UidCall & { recompute: boolean }, ComputeOutcome>('compute');
  readonly seriesResults = new CallScript<UidCall, ResultsOutcome>('seriesResults');
  readonly instanceResults = new CallScript<UidCall, ResultsOutcome>('instanceResults');
  readonly assets = new CallScript<{ url: string } & FetchAssetOptions, AssetOutcome>('fetchAsset');

  /** Throws when a call was made without an answer, or an answer was never asked for. */
  verify(): void {
    const scripts = [this.uploads, this.computes, this.seriesResults, this.instanceResults, this.assets];
    const unexpectedCalls = scripts.flatMap((script) => script.unexpectedCalls);
    if (unexpectedCalls.length > 0)
      throw new UnscriptedCallError(`calls without an answer: ${unexpectedCalls.join(', ')}`);
    const unused = scripts.reduce((sum, script) => sum + script.unusedAnswers, 0);
    if (unused > 0) throw new UnscriptedCallError(`${unused} scripted answers were never asked for`);
  }

  readonly client: QureClient = {
    uploadInstances: async (credentials, files, { seriesInstanceUid }) => {
      const read: UploadCall['files'] = [];
      // The files are read as the client reads them: one after the other, and what breaks is told as it tells it.
      for (const [at, file] of files.entries()) {
        const body = await bodyOf(file, at);
        if (!Buffer.isBuffer(body)) return body;
        read.push({ fileName: file.fileName, body, hasSize: file.sizeBytes !== undefined });
      }
      return this.uploads.answer({
        ...called(credentials, seriesInstanceUid),
        seriesInstanceUid,
        files: read,
      });
    },
    compute: (credentials, uid, { recompute = false } = {}) =>
      this.computes.answer({ ...called(credentials, uid), recompute }),
    seriesResults: (credentials, uid) => this.seriesResults.answer(called(credentials, uid)),
    instanceResults: (credentials, uid) => this.instanceResults.answer(called(credentials, uid)),
    fetchAsset: (url, options) => this.assets.answer({ url, ...options }),
    close: async () => {},
  };
}

function called(credentials: QureCredentials, uid: string): UidCall {
  if (!isValidUid(uid)) throw new TypeError('expected a UID in a call to Qure');
  return { uid, token: credentials.token };
}

async function bodyOf(file: UploadFile, at: number): Promise<Buffer | UploadOutcome> {
  const fieldName = `file_${at}`;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of await file.open()) chunks.push(chunk as Uint8Array);
  } catch (error) {
    return { kind: 'source_failed', fieldName, error };
  }
  const body = Buffer.concat(chunks);
  if (file.sizeBytes === undefined || file.sizeBytes === body.length) return body;
  return { kind: 'source_changed', fieldName, expectedBytes: file.sizeBytes, receivedBytes: body.length };
}

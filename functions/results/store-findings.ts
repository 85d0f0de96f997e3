import type { FindingSummary, TriageStatus } from '../qure/answer-facts.ts';
import { FINDINGS_FILE, summariesOf } from '../qure/findings/findings.ts';
import { findingsOf, type StoredAnswer, type StoredAssetDocuments } from '../qure/findings/findings-of.ts';
import type { ResultsBucket } from '../series/results-bucket.ts';
import { mapConcurrently } from '../shared/concurrency.ts';

/** A result of the generation as it is stored: its file below the folder. An instance that is `unread` has none. */
export interface AnsweredFile extends Omit<StoredAnswer, 'document'> {
  file?: string;
}

/** What the row keeps of the findings. */
export interface FindingFacts {
  findings?: FindingSummary[];
}

const READS_AT_ONCE = 4;
/** Answers of Qure's are taken up to 16 MiB (`exchange.ts`), and assets of any size. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const JSON_ASSET = /^files\/json\/(\d+)$/;
/** An answer has one or a few. Those that are read are in memory all at once. */
const MAX_JSON_ASSETS = 64;
const MAX_ASSETS_BYTES = 4 * MAX_DOCUMENT_BYTES;

/**
 * Writes `findings.json` beside the answers of a generation that count. Made of what is stored in bucket and table, and of nothing that
 * this run remembers, so that every run writes the same bytes.
 */
export async function storeFindings(
  results: ResultsBucket,
  folder: string,
  answers: readonly AnsweredFile[],
  assetFiles: readonly string[],
  triageStatus: TriageStatus | undefined,
): Promise<FindingFacts> {
  const documents = await mapConcurrently(answers, READS_AT_ONCE, async ({ file, ...answer }) => ({
    ...answer,
    document: file === undefined ? undefined : parsed(await read(results, folder + file, MAX_DOCUMENT_BYTES)),
  }));
  const assets = await readAssets(results, folder, assetFiles);
  const document = findingsOf(documents, assets, triageStatus);
  const body = Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`);
  await results.put(folder + FINDINGS_FILE, body, 'application/json');
  const findings = summariesOf(document.findings);
  return findings.length === 0 ? {} : { findings };
}

/** The JSON assets in their order, as far as the bounds allow. */
async function readAssets(
  results: ResultsBucket,
  folder: string,
  assetFiles: readonly string[],
): Promise<StoredAssetDocuments> {
  const numbers = assetFiles.flatMap((file) => JSON_ASSET.exec(file)?.[1] ?? []).map(Number);
  const documents: unknown[] = [];
  let leftBytes = MAX_ASSETS_BYTES;
  for (const number of numbers.sort((a, b) => a - b).slice(0, MAX_JSON_ASSETS)) {
    const bytes = await read(
      results,
      `${folder}files/json/${number}`,
      Math.min(leftBytes, MAX_DOCUMENT_BYTES),
    );
    if (bytes === undefined) continue;
    leftBytes -= bytes.byteLength;
    documents.push(parsed(bytes));
  }
  return { documents, omitted: numbers.length - documents.length };
}

/** `undefined` for what is too large. */
async function read(results: ResultsBucket, key: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const stream = await results.open(key);
  if (stream === undefined) throw new Error('expected a result that this generation has stored, found none');
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    // Leaving the loop destroys the stream.
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `undefined` for what is no JSON: an asset may be anything. */
function parsed(bytes: Uint8Array | undefined): unknown {
  try {
    // Takes a byte order mark away, as the reader of Qure's answer did.
    return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

import type { FindingSummary, TriageStatus } from '../qure/answer-facts.ts';
import { FINDINGS_FILE, summariesOf } from '../qure/findings/findings.ts';
import { findingsOf, type StoredAnswer } from '../qure/findings/findings-of.ts';
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
const JSON_ASSET = /^files\/json\/\d+$/;
const MAX_JSON_ASSETS = 4;

/**
 * Writes `findings.json` beside the results of a generation that is whole. Made of what is stored in bucket and table, and of nothing that
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
    document: file === undefined ? undefined : await readJson(results, folder + file),
  }));
  const jsonAssets = assetFiles.filter((file) => JSON_ASSET.test(file)).sort();
  const assets = await mapConcurrently(jsonAssets.slice(0, MAX_JSON_ASSETS), READS_AT_ONCE, (file) =>
    readJson(results, folder + file),
  );
  const document = findingsOf(documents, assets, triageStatus);
  const body = Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`);
  await results.put(folder + FINDINGS_FILE, body, 'application/json');
  const findings = summariesOf(document.findings);
  return findings.length === 0 ? {} : { findings };
}

/** `undefined` for what is too large or no JSON: an asset may be anything. */
async function readJson(results: ResultsBucket, key: string): Promise<unknown> {
  const stream = await results.open(key);
  if (stream === undefined) throw new Error('expected a result that this generation has stored, found none');
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    // Leaving the loop destroys the stream.
    if (sizeBytes > MAX_DOCUMENT_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    // Takes a byte order mark away, as the reader of Qure's answer did.
    return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)));
  } catch {
    return undefined;
  }
}

import type { UploadRecord } from '../delivery/upload-records.ts';
import { contentId } from '../delivery/upload-records.ts';
import { contentTagOf } from '../instances/archive-entry.ts';
import type { Instance } from '../instances/instance.ts';
import type { AnswerFacts, TriageStatus } from '../qure/answer-facts.ts';
import { toComputeJson } from '../qure/compute-answer.ts';
import type { ComputingSeries } from '../series/series.ts';
import { defined } from '../shared/defined.ts';
import type { Instant } from '../shared/time.ts';
import { VERSION } from '../shared/version.ts';
import type { Provenance } from './provenance-schema.ts';

/** What is known of the bytes of a stored file. */
export interface FileFacts {
  sizeBytes: number;
  /** Hexadecimal digits. */
  sha256: string;
  /** Of an answer of Qure: equal where two differ in nothing but their links (`answerDigest`). */
  answerDigest?: string;
}

/** What the answer said, as the row will have it. */
export interface ProvenAnswer extends AnswerFacts {
  triageStatus?: TriageStatus;
  isInvalidScan?: boolean;
  unreadInstances?: number;
  sameAsGeneration?: number;
}

export interface ProvenanceParts {
  series: ComputingSeries;
  answer: ProvenAnswer;
  /** The rows of the series, which must be those that it was judged by. */
  instances: readonly Instance[];
  /** Those of `instances` that Qure was given. */
  uploaded: readonly Instance[];
  /** Of the round that counts. */
  marks: readonly UploadRecord[];
  /** By their names below the folder of the generation. */
  files: ReadonlyMap<string, FileFacts | undefined>;
  supersedes?: number;
  now: Instant;
}

/** The contents of `provenance.json`. No key of a dropped object and no text of a header is in it: both may hold a name. */
export function provenanceOf(parts: ProvenanceParts): Provenance {
  const { series, answer, instances, marks, files, supersedes, now } = parts;
  const uploaded = new Set(parts.uploaded.map(({ sopInstanceUid }) => sopInstanceUid));
  const hashes = hashesOf(marks);
  return {
    schemaVersion: '1',
    software: { name: 'qure-dropoff', version: VERSION },
    writtenAt: now,
    source: series.source,
    studyInstanceUid: series.studyInstanceUid,
    seriesInstanceUid: series.seriesInstanceUid,
    generation: series.generation,
    ...defined({ modality: series.modality }),
    product: series.product,
    ...answerOf(answer),
    ...defined({ supersedes }),
    completeness: {
      evidence: series.evidence,
      ...defined({ silence: series.silence }),
      completedAt: series.completedAt,
      instances: series.instances,
      fingerprint: series.fingerprint,
      ...(series.quality === undefined ? {} : { quality: { ...series.quality } }),
      ...defined({ outsideIndication: series.outsideIndication }),
    },
    instances: instances
      .map(({ sopInstanceUid, object }) => {
        const { sizeBytes, isGzip } = object;
        const etag = contentTagOf(object);
        const sha256 = hashes.get(contentId({ sopInstanceUid, etag }));
        return {
          sopInstanceUid,
          etag,
          sizeBytes,
          ...(isGzip ? { isGzip: true as const } : {}),
          ...(uploaded.has(sopInstanceUid) ? {} : { isLeftOut: true as const }),
          ...defined({ sha256 }),
        };
      })
      .sort((a, b) => compare(a.sopInstanceUid, b.sopInstanceUid)),
    receipts: receiptsOf(marks, series.uploadRound),
    ...(series.compute === undefined ? {} : { compute: toComputeJson(series.compute) }),
    files: [...files].map(([name, facts]) => ({ name, ...facts })).sort((a, b) => compare(a.name, b.name)),
  };
}

function answerOf(answer: ProvenAnswer) {
  const { usecase, modelVersion, triageStatus, isInvalidScan, unreadInstances, sameAsGeneration } = answer;
  return {
    ...defined({ usecase, modelVersion, triageStatus }),
    ...(isInvalidScan === true ? { isInvalidScan } : {}),
    ...defined({ unreadInstances, sameAsGeneration }),
  };
}

/** A mark without registered files is no receipt. Counts only grow within a round. */
function receiptsOf(marks: readonly UploadRecord[], round: number): Provenance['receipts'] {
  return marks
    .filter(({ registered }) => registered.length > 0)
    .map(({ registered, instancesAtQure }) => ({
      round,
      registered: registered.length,
      ...defined({ instancesAtQure }),
    }))
    .sort((a, b) => (a.instancesAtQure ?? 0) - (b.instancesAtQure ?? 0));
}

/** By content: any mark of it tells the hash. */
function hashesOf(marks: readonly UploadRecord[]): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const file of marks.flatMap(({ registered }) => registered))
    if (file.sha256 !== undefined) hashes.set(contentId(file), file.sha256);
  return hashes;
}

/** By code units, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

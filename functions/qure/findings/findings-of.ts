import { defined } from '../../shared/defined.ts';
import type { TriageStatus } from '../answer-facts.ts';
import {
  type Finding,
  type FindingsDocument,
  type InstanceFacts,
  MAX_FINDINGS,
  MAX_REPORT_TEXTS,
  type UnreadReason,
} from './findings.ts';
import { describeKey } from './known-findings.ts';
import { readAnswer, type StatedAnswer, type StatedFinding } from './read-answer.ts';
import { readAsset } from './read-asset.ts';

/** A stored answer, parsed; `undefined` where it is too large to be read, or no JSON, or where there is none (`unread`). */
export interface StoredAnswer {
  document: unknown;
  /** X-rays: the instance that it answers. */
  sopInstanceUid?: string;
  /** Qure answered 206. */
  isInvalidScan?: boolean;
  /** X-rays: the instance has no result. */
  unread?: UnreadReason;
}

/** The parsed `json` assets. */
export interface StoredAssetDocuments {
  documents: readonly unknown[];
  /** So many more are stored, and too many or too large to be read. */
  omitted: number;
}

/**
 * `findings.json` of stored answers; the same answers give the same document. `assets`: the `json` assets, which are asked
 * only where no answer holds a finding, as with qCT. An answer that calls the scan invalid or not read has none.
 */
export function findingsOf(
  answers: readonly StoredAnswer[],
  { documents, omitted }: StoredAssetDocuments,
  triageStatus: TriageStatus | undefined,
): FindingsDocument {
  const read = [...answers]
    .sort((a, b) => ((a.sopInstanceUid ?? '') < (b.sopInstanceUid ?? '') ? -1 : 1))
    .map((answer) => ({ answer, stated: withoutUnread(answer, readAnswer(answer.document)) }));
  const usecase = onlyOf(read.map(({ stated }) => stated.usecase));
  const modelVersion = onlyOf(read.map(({ stated }) => stated.modelVersion));
  const ofAnswers = read.flatMap(({ answer, stated }) =>
    stated.findings.map((finding) => typed(finding, stated.usecase, answer.sopInstanceUid)),
  );
  const isUnread = read.every(({ answer, stated }) => isNotRead(answer, stated));
  const areAssetsAsked = ofAnswers.length === 0 && !isUnread;
  const ofAssets = (areAssetsAsked ? documents : [])
    .flatMap(readAsset)
    .map((finding) => typed(finding, usecase, undefined));
  const findings = ofAnswers.length > 0 ? ofAnswers : ofAssets;
  const instances = read.flatMap(({ answer, stated }) => instanceFacts(answer, stated));
  return {
    schemaVersion: '1',
    ...defined({ usecase, modelVersion, triageStatus }),
    readFrom: ofAnswers.length > 0 ? 'result' : ofAssets.length > 0 ? 'asset' : 'none',
    report: read.flatMap(({ stated }) => stated.report).slice(0, MAX_REPORT_TEXTS),
    findings: findings.slice(0, MAX_FINDINGS),
    ...(findings.length > MAX_FINDINGS ? { omittedFindings: findings.length - MAX_FINDINGS } : {}),
    ...(areAssetsAsked && omitted > 0 ? { omittedAssets: omitted } : {}),
    ...(instances.length === 0 ? {} : { instances }),
  };
}

/** Qure has not read the scan: what its answer lists are notes on that, and no findings. */
function isNotRead(answer: StoredAnswer, stated: StatedAnswer): boolean {
  return answer.isInvalidScan === true || stated.usecase === 'not_implemented';
}

function withoutUnread(answer: StoredAnswer, stated: StatedAnswer): StatedAnswer {
  return isNotRead(answer, stated) ? { ...stated, findings: [] } : stated;
}

function typed(
  { key, label, ...said }: StatedFinding,
  usecase: string | undefined,
  sopInstanceUid: string | undefined,
): Finding {
  const known = describeKey(key, usecase);
  return {
    key,
    label: label ?? known.label,
    ...said,
    ...defined({ sopInstanceUid }),
    codes: known.codes,
  };
}

function instanceFacts(
  { sopInstanceUid, isInvalidScan, unread }: StoredAnswer,
  { usecase, modelVersion, triageStatus }: StatedAnswer,
): InstanceFacts[] {
  if (sopInstanceUid === undefined) return [];
  const facts: InstanceFacts = { sopInstanceUid };
  if (usecase !== undefined) facts.usecase = usecase;
  if (modelVersion !== undefined) facts.modelVersion = modelVersion;
  if (triageStatus !== undefined) facts.triageStatus = triageStatus;
  if (isInvalidScan === true) facts.isInvalidScan = true;
  if (unread !== undefined) facts.unread = unread;
  return [facts];
}

/** The one value that all have which have any; `undefined` where they differ. */
function onlyOf(values: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = new Set(values.filter((value) => value !== undefined));
  return others.length === 0 ? first : undefined;
}

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ObjectVersion } from '../services/bucket/stored-objects.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { isInvalidScan } from './scans.ts';

interface Finding {
  key: string;
  label: string;
  present?: boolean;
  score?: number;
  text?: string;
  sopInstanceUid?: string;
  codes: { system: string; code: string; display: string }[];
}

interface Summary {
  key: string;
  present?: boolean;
  score?: number;
}

/** The members that the model gives; nothing of the pipeline's readers is used here. */
interface Answer {
  usecase: string;
  triage_status: string;
  result: {
    qure_model_version?: string;
    report?: string[] | { findings: string; impression: string; findings_list: [string, string][] };
    scores?: Record<string, number | string>;
    decisions?: Record<string, boolean>;
  };
}

/** As the published schema says. */
const MAX_REPORT_TEXTS = 100;

const SNOMED_CT = 'http://snomed.info/sct';
const RADELEMENT = 'https://radelement.org';

type Code = readonly [system: string, code: string, display: string];

/** Label and codes of the model's keys, written down a second time. */
const CODES: Record<string, readonly [label: string, ...codes: Code[]]> = {
  ICH: ['Intracranial hemorrhage', [SNOMED_CT, '1386000', 'Intracranial hemorrhage']],
  EMPHYSEMA: [
    'Emphysema',
    [SNOMED_CT, '87433001', 'Pulmonary emphysema'],
    [RADELEMENT, 'RDES286', 'Emphysema'],
  ],
  PLEURAL_EFFUSION: [
    'Pleural effusion',
    [SNOMED_CT, '60046008', 'Pleural effusion'],
    [RADELEMENT, 'RDES254', 'Pleural Effusion'],
  ],
  FRACTURE: ['Fracture', [SNOMED_CT, '125605004', 'Fracture of bone']],
};

/** 10: each result that was announced says exactly what the stored answer says: in `findings.json` and in its event. */
export function expectFindings(promised: Iterable<string>, objects: Iterable<ObjectVersion>): void {
  const stored = new Map<string, Uint8Array>();
  for (const { key, bytes } of objects) if (bytes !== undefined) stored.set(key, bytes);
  for (const text of promised) {
    const { detailType, detail } = JSON.parse(text) as { detailType: string; detail: DoneDetail };
    if (detailType === 'Series Done') expectFindingsOf(detail, stored);
  }
}

interface DoneDetail {
  source: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  generation: number;
  triageStatus?: string;
  findings?: Summary[];
  presentFindings?: string[];
  unreadInstances?: number;
}

function expectFindingsOf(detail: DoneDetail, stored: ReadonlyMap<string, Uint8Array>): void {
  const { source, studyInstanceUid, seriesInstanceUid, generation } = detail;
  const folder = `${source}/${studyInstanceUid}/${seriesInstanceUid}/${generation}/`;
  const names = [...stored.keys()].filter((key) => key.startsWith(folder));
  const bytesOf = (name: string) => stored.get(folder + name);
  const results = names.map((key) => key.slice(folder.length)).filter(isResult);
  // A slower run may have stored another answer since; that the last one has not, provenance tells.
  if (!isAsAnnounced([...results, 'findings.json'], bytesOf)) return;
  const written = JSON.parse(textOf(bytesOf('findings.json'))) as { instances?: Unread[] };
  // That Qure has not read them, the end of the run is judged by (`result-invariants.ts`).
  const unread = written.instances?.filter((one) => one.unread !== undefined) ?? [];
  if (unread.length !== (detail.unreadInstances ?? 0))
    broken('an event tells another number of unread instances than findings.json');
  const expected = documentOf(results.sort(), unread, bytesOf, detail.triageStatus);
  if (!isDeepStrictEqual(written, expected))
    broken('findings.json says something else than the stored answer');
  const summaries = summed(expected.findings);
  if (!isDeepStrictEqual(detail.findings ?? [], summaries))
    broken('an event tells other findings than the stored answer');
  const present = summaries.filter((one) => one.present === true).map(({ key }) => key);
  if (!isDeepStrictEqual(detail.presentFindings ?? [], present))
    broken('an event calls a finding present that the stored answer does not, or leaves one out');
}

/** An instance that has no result. */
interface Unread {
  sopInstanceUid: string;
  unread?: string;
}

function documentOf(
  results: readonly string[],
  unread: readonly Unread[],
  bytesOf: (name: string) => Uint8Array | undefined,
  triageStatus: string | undefined,
) {
  const answers = results.flatMap((name) => {
    const text = textOf(bytesOf(name));
    if (!text.startsWith('{')) broken('what is stored is no result');
    const answer = JSON.parse(text) as Answer;
    const sop = /^result\.(?<sop>[0-9.]+)\.json$/.exec(name)?.groups?.['sop'];
    // A result that lacked an asset was asked for again, and Qure said another thing.
    return unread.some(({ sopInstanceUid }) => sopInstanceUid === sop) ? [] : [{ answer, sop }];
  });
  const ofAnswers = answers.flatMap(({ answer, sop }) => stated(answer, sop));
  const [first] = answers;
  const ofAsset = first?.answer.usecase === 'qct' ? ofJson(textOf(bytesOf('files/json/0'))) : [];
  const usecase = sameOf(answers.map(({ answer }) => answer.usecase));
  const modelVersion = sameOf(answers.map(({ answer }) => answer.result.qure_model_version));
  const read = answers.flatMap(({ answer, sop }) => (sop === undefined ? [] : [instance(answer, sop)]));
  const instances = [
    ...read,
    ...unread.map(({ sopInstanceUid, unread: reason }) => ({ sopInstanceUid, unread: reason })),
  ].sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  return {
    schemaVersion: '1',
    ...(usecase === undefined ? {} : { usecase }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(triageStatus === undefined ? {} : { triageStatus }),
    readFrom: ofAnswers.length > 0 ? 'result' : ofAsset.length > 0 ? 'asset' : 'none',
    report: answers.flatMap(({ answer: { result } }) => reportOf(result.report)).slice(0, MAX_REPORT_TEXTS),
    findings: [...ofAnswers, ...ofAsset],
    ...(instances.length === 0 ? {} : { instances }),
  };
}

function stated({ usecase, result }: Answer, sop: string | undefined): Finding[] {
  // Qure calls an invalid scan so by its status, whatever use case stands there.
  if (usecase === 'not_implemented' || (sop !== undefined && isInvalidScan(sop))) return [];
  if (result.report !== undefined && 'findings_list' in result.report)
    return result.report.findings_list.map(([key, text]) => named({ key, text }, sop));
  return ofMaps(result);
}

function ofMaps({ decisions = {}, scores = {} }: Answer['result']): Finding[] {
  const keys = new Set([...Object.keys(decisions), ...Object.keys(scores)]);
  return [...keys].map((key) => {
    const present = decisions[key];
    const score = scores[key];
    return named({
      key,
      ...(present === undefined ? {} : { present }),
      ...(score === undefined ? {} : { score: Number(score) }),
    });
  });
}

function ofJson(text: string): Finding[] {
  const { findings, result } = JSON.parse(text) as {
    findings?: { name: string; present?: boolean; score: number }[];
    result?: Answer['result'];
  };
  if (findings === undefined) return ofMaps(result ?? {});
  return findings.map(({ name: key, ...said }) => named({ key, ...said }));
}

function named(said: Omit<Finding, 'label' | 'codes'>, sopInstanceUid?: string): Finding {
  const [label, ...codes] = CODES[said.key] ?? [said.key.replaceAll('_', ' ')];
  return {
    ...said,
    label,
    ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
    codes: codes.map(([system, code, display]) => ({ system, code, display })),
  };
}

function instance({ usecase, result, ...answer }: Answer, sopInstanceUid: string) {
  return {
    sopInstanceUid,
    usecase,
    ...(result.qure_model_version === undefined ? {} : { modelVersion: result.qure_model_version }),
    triageStatus: answer.triage_status.toLowerCase(),
    ...(isInvalidScan(sopInstanceUid) ? { isInvalidScan: true } : {}),
  };
}

function reportOf(report: Answer['result']['report']): string[] {
  if (report === undefined) return [];
  return 'findings' in report ? [report.findings, report.impression] : report;
}

/** One for each key, those that are present first. No key of the model is on two images with a decision. */
function summed(findings: readonly Finding[]): Summary[] {
  const byKey = new Map<string, Summary>();
  for (const { key: written, present, score } of findings) {
    const key = written === 'Midline shift (mm)' ? 'Midline_shift_mm' : written;
    byKey.set(key, {
      key,
      ...(present === undefined ? {} : { present }),
      ...(score === undefined ? {} : { score }),
    });
  }
  const summaries = [...byKey.values()];
  return [
    ...summaries.filter(({ present }) => present === true),
    ...summaries.filter(({ present }) => present !== true),
  ];
}

function isAsAnnounced(names: readonly string[], bytesOf: (name: string) => Uint8Array | undefined): boolean {
  const { files } = JSON.parse(textOf(bytesOf('provenance.json'))) as {
    files: { name: string; sha256?: string }[];
  };
  const hashes = new Map(files.map(({ name, sha256 }) => [name, sha256]));
  return names.every(
    (name) =>
      hashes.get(name) ===
      createHash('sha256')
        .update(bytesOf(name) ?? '')
        .digest('hex'),
  );
}

function isResult(name: string): boolean {
  return /^result(?:\.[0-9.]+)?\.json$/.test(name);
}

/** `undefined` where they differ. */
function sameOf(values: readonly (string | undefined)[]): string | undefined {
  const said = new Set(values.filter((value) => value !== undefined));
  return said.size === 1 ? [...said][0] : undefined;
}

function textOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) broken('a result lacks a file of its findings');
  return new TextDecoder().decode(bytes);
}

function broken(message: string): never {
  throw new BrokenInvariantError(`10: ${message}`);
}

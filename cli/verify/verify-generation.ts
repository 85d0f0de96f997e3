import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isValidUid } from '@qure-dropoff/dicom';
import { fingerprintOf } from '../../functions/instances/instance.ts';
import { storedAnswerDigest } from '../../functions/qure/stored-answer.ts';
import { type Provenance, provenanceSchema } from '../../functions/results/provenance-schema.ts';
import { PROVENANCE_FILE } from '../../functions/series/result-keys.ts';
import { hashFile } from './file-hash.ts';
import type { GenerationFolder } from './generation-folders.ts';
import { type Problem, resultProblems } from './result-problems.ts';

export interface Verification {
  folder: string;
  seriesInstanceUid?: string;
  generation?: number;
  problems: Problem[];
  /** Facts that could not be checked, and notes for the reader. */
  notes: string[];
}

/** An instance needs about 250 bytes; this is enough for a hundred thousand of them. */
const MAX_PROVENANCE_BYTES = 64 * 1024 * 1024;

/** Checks one downloaded generation by its own provenance. `scans`: the hashes of original files, if available. */
export async function verifyGeneration(
  folder: GenerationFolder,
  scans: ReadonlySet<string> | undefined,
): Promise<Verification> {
  const provenance = readProvenance(folder);
  if ('kind' in provenance) return { folder: folder.path, problems: [provenance], notes: [] };
  const { seriesInstanceUid, generation } = provenance;
  const files = await fileProblems(folder, provenance);
  const problems = [
    ...placeProblems(folder, provenance),
    ...setProblems(provenance),
    ...files.problems,
    ...resultProblems(folder, provenance),
    ...(scans === undefined ? [] : scanProblems(provenance, scans)),
  ];
  const unhashed = provenance.instances.filter(({ sha256 }) => sha256 === undefined).length;
  const notes = files.relinked.map((name) => `${name} is the same answer with other links`);
  if (scans !== undefined && unhashed > 0)
    notes.push(
      `${unhashed} instance(s) have no SHA-256: another system uploaded them, or an earlier version did`,
    );
  return { folder: folder.path, seriesInstanceUid, generation, problems, notes };
}

function readProvenance({ path, files }: GenerationFolder): Provenance | Problem {
  if (!files.includes(PROVENANCE_FILE)) {
    const detail = `expected ${PROVENANCE_FILE}: generations that are DONE have it since version 0.1.0`;
    return { kind: 'no_provenance', detail };
  }
  const file = join(path, PROVENANCE_FILE);
  const invalid = (detail: string): Problem => ({ kind: 'invalid_provenance', detail });
  if (statSync(file).size > MAX_PROVENANCE_BYTES)
    return invalid(`expected at most ${MAX_PROVENANCE_BYTES} bytes, got more`);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return invalid('expected JSON, got another format');
  }
  const read = provenanceSchema.safeParse(document);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as its schema says'}`);
}

/** The names of the parent folders show whether the folder is still at its place. */
function placeProblems({ path }: GenerationFolder, provenance: Provenance): Problem[] {
  const series = basename(dirname(path));
  const study = basename(dirname(dirname(path)));
  if (!/^[0-9]+$/.test(basename(path)) || !isValidUid(series) || !isValidUid(study)) return [];
  const place = `${study}/${series}/${basename(path)}`;
  const said = `${provenance.studyInstanceUid}/${provenance.seriesInstanceUid}/${provenance.generation}`;
  return place === said
    ? []
    : [{ kind: 'misplaced', detail: `it is in ${place}, but its provenance is of ${said}` }];
}

function setProblems({ instances, completeness }: Provenance): Problem[] {
  const fingerprint = fingerprintOf(
    instances.map(({ sopInstanceUid, etag, sizeBytes }) => ({
      sopInstanceUid,
      object: { key: '', etag, sizeBytes, isGzip: false },
    })),
  );
  const problems: Problem[] = [];
  if (instances.length !== completeness.instances)
    problems.push({
      kind: 'instance_count',
      detail: `expected ${completeness.instances} instances, got ${instances.length}`,
    });
  if (fingerprint !== completeness.fingerprint)
    problems.push({
      kind: 'fingerprint',
      detail: `expected the fingerprint ${completeness.fingerprint}, the list gives ${fingerprint}`,
    });
  return problems;
}

/** `relinked`: answers that a second run of the same message has probably stored again. */
async function fileProblems(
  folder: GenerationFolder,
  provenance: Provenance,
): Promise<{ problems: Problem[]; relinked: string[] }> {
  const { path, files, strange } = folder;
  const listed = new Map(provenance.files.map((file) => [file.name, file]));
  const problems: Problem[] = [
    ...[...files.filter((name) => name !== PROVENANCE_FILE && !listed.has(name)), ...strange].map(
      (subject): Problem => ({
        kind: 'extra_file',
        subject,
        detail: 'it is not in the provenance',
      }),
    ),
  ];
  const relinked: string[] = [];
  const there = new Set(files);
  for (const { name: subject, sizeBytes, sha256, answerDigest } of listed.values()) {
    if (!there.has(subject)) {
      problems.push({ kind: 'missing_file', subject, detail: 'it is in the provenance' });
      continue;
    }
    if (sha256 === undefined) {
      problems.push({ kind: 'no_hash', subject, detail: 'the provenance has no hash of it' });
      continue;
    }
    const file = join(path, ...subject.split('/'));
    const found = await hashFile(file);
    if (found.sha256 === sha256) continue;
    if (answerDigest !== undefined && storedAnswerDigest(readFileSync(file)) === answerDigest)
      relinked.push(subject);
    else
      problems.push({
        kind: 'changed_file',
        subject,
        detail: `expected ${sizeBytes ?? '?'} bytes of SHA-256 ${sha256}, got ${found.sizeBytes} of ${found.sha256}`,
      });
  }
  return { problems, relinked };
}

function scanProblems({ instances }: Provenance, scans: ReadonlySet<string>): Problem[] {
  return instances
    .filter(({ sha256 }) => sha256 !== undefined && !scans.has(sha256))
    .map(({ sopInstanceUid: subject }) => ({
      kind: 'scan_missing' as const,
      subject,
      detail: 'no file among the scans has the bytes that were uploaded',
    }));
}

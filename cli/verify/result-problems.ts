import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Provenance } from '../../functions/results/provenance-schema.ts';
import type { GenerationFolder } from './generation-folders.ts';

export interface Problem {
  /** A stable code. */
  kind:
    | 'no_provenance'
    | 'invalid_provenance'
    | 'misplaced'
    | 'missing_file'
    | 'extra_file'
    | 'changed_file'
    | 'no_hash'
    | 'fingerprint'
    | 'instance_count'
    | 'usecase'
    | 'model_version'
    | 'unreadable_result'
    | 'scan_missing';
  /** Below the folder of the generation, or the SOP Instance UID. */
  subject?: string;
  detail: string;
}

const RESULT = /^result(?:\.[0-9.]+)?\.json$/;

/** The facts in Qure's answers must equal those of the provenance. */
export function resultProblems({ path, files }: GenerationFolder, provenance: Provenance): Problem[] {
  const problems: Problem[] = [];
  const usecases = new Set<string>();
  const versions = new Set<string>();
  const results = files.filter((name) => RESULT.test(name));
  for (const subject of results) {
    const answer = readJson(join(path, subject));
    if (answer === undefined) {
      problems.push({ kind: 'unreadable_result', subject, detail: 'expected a JSON object' });
      continue;
    }
    const usecase = answer['usecase'];
    if (typeof usecase === 'string') usecases.add(usecase.trim().toLowerCase());
    const result = answer['result'];
    const version = isObject(result) ? result['qure_model_version'] : undefined;
    if (typeof version === 'string') versions.add(version.trim());
  }
  // X-rays have an answer for each instance, of which the provenance names one.
  if (provenance.usecase !== undefined && !usecases.has(provenance.usecase.toLowerCase()))
    problems.push(differing('usecase', provenance.usecase, usecases));
  if (provenance.modelVersion !== undefined && !versions.has(provenance.modelVersion))
    problems.push(differing('model_version', provenance.modelVersion, versions));
  return problems;
}

function differing(kind: 'usecase' | 'model_version', said: string, found: ReadonlySet<string>): Problem {
  const answers = found.size === 0 ? 'none' : [...found].join(', ');
  return { kind, detail: `the provenance has ${said}, the answer has ${answers}` };
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    // Removes a byte order mark, like the reader of the answer.
    const value: unknown = JSON.parse(new TextDecoder().decode(readFileSync(file)));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

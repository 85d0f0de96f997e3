import { createHash } from 'node:crypto';
import type { Fault } from './fault-rules.ts';
import { type FilesOwner, signedFiles } from './result-files.ts';
import type { ScanVerdict } from './scan-verdict.ts';
import type { SimulatorContext } from './simulator-context.ts';

export const NOTICE = 'SIMULATED RESULT, NOT FOR CLINICAL USE';

const PATHOLOGIES: Readonly<Record<ScanVerdict['usecase'], readonly string[]>> = {
  qer: ['ICH', 'MIDLINE_SHIFT', 'CRANIAL_FRACTURE'],
  qct: ['LUNG_NODULE', 'EMPHYSEMA'],
  qxr: ['OPACITY', 'PLEURAL_EFFUSION', 'PNEUMOTHORAX'],
  qmsk: ['FRACTURE', 'DISLOCATION'],
  not_implemented: [],
};

export interface ResultSubject extends Omit<FilesOwner, 'usecase'> {
  verdict: ScanVerdict;
}

/** The documented members of a result that a fault may change, and whatever else there is. */
export interface ResultBody {
  usecase?: string;
  report?: unknown;
  result: Record<string, unknown> & { files?: Record<string, unknown[]> };
}

interface Findings {
  positive: string[];
  scores: Record<string, number>;
  decisions: Record<string, boolean>;
}

/** The 200 of `/results/{SeriesInstanceUID}`. */
export function seriesResult(
  context: SimulatorContext,
  subject: ResultSubject,
  fault: Fault | undefined,
): ResultBody {
  const findings = findingsOf(subject);
  return {
    ...head(context, subject.verdict),
    result: { report: [NOTICE, ...findings.positive], ...resultOf(context, subject, findings, fault) },
  };
}

/** The 200, or the 206 of an invalid scan, of `/results/v2/{SOPInstanceUID}`. */
export function xrayResult(
  context: SimulatorContext,
  subject: ResultSubject,
  fault: Fault | undefined,
): ResultBody {
  const findings = findingsOf(subject);
  const shape = context.dialect.xrayReport;
  const lines =
    subject.verdict.validity === 'valid' ? findings.positive : ['Not a valid scan for any product.'];
  const result = resultOf(context, subject, findings, fault);
  if (shape === 'beside') return { ...head(context, subject.verdict), report: [NOTICE, ...lines], result };
  const text = [NOTICE, ...lines].join('\n');
  const report =
    shape === 'string'
      ? text
      : {
          findings: text,
          impression: NOTICE,
          findings_list: [['notice', NOTICE], ...lines.map((line, index) => [`finding_${index + 1}`, line])],
        };
  return { ...head(context, subject.verdict), result: { report, ...result } };
}

function head(context: SimulatorContext, verdict: ScanVerdict) {
  const title = verdict.triage === 'critical' ? 'Critical' : 'Routine';
  return {
    success: true,
    message: 'Results retrieved successfully!',
    triage_status: context.dialect.triageCase === 'title' ? title : verdict.triage,
    usecase: verdict.usecase,
  };
}

function resultOf(
  context: SimulatorContext,
  subject: ResultSubject,
  findings: Findings,
  fault: Fault | undefined,
): ResultBody['result'] {
  return {
    scores: findings.scores,
    decisions: findings.decisions,
    reporting_params: [],
    qure_model_version: 'simulator',
    files: signedFiles(context, { ...subject, usecase: subject.verdict.usecase }, fault),
  };
}

/** Scores follow from the UID; in a critical scan the first pathology is positive, in a routine one none is. */
function findingsOf({ uid, verdict }: ResultSubject): Findings {
  const digest = createHash('sha256').update(uid).digest();
  const findings: Findings = { positive: [], scores: {}, decisions: {} };
  PATHOLOGIES[verdict.usecase].forEach((pathology, index) => {
    const share = (digest[index] ?? 0) / 1000;
    const isPositive = verdict.triage === 'critical' && index === 0;
    findings.scores[pathology] = Number((isPositive ? 0.7 + share : 0.02 + share).toFixed(3));
    findings.decisions[pathology] = isPositive;
    if (isPositive) findings.positive.push(`Simulated finding: ${pathology}`);
  });
  if (findings.positive.length === 0) findings.positive.push('Simulated: nothing found');
  return findings;
}

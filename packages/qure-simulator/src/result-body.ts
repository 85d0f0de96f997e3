import type { Fault } from './fault-rules.ts';
import { type FilesOwner, signedFiles } from './result-files.ts';
import type { ScanVerdict } from './scan-verdict.ts';
import { type SimulatedFindings, simulatedFindings } from './simulated-findings.ts';
import type { SimulatorContext } from './simulator-context.ts';

export const NOTICE = 'SIMULATED RESULT, NOT FOR CLINICAL USE';

export interface ResultSubject extends Omit<FilesOwner, 'usecase'> {
  verdict: ScanVerdict;
}

/** The documented members of a result that a fault may change, and all others. */
export interface ResultBody {
  usecase?: string;
  report?: unknown;
  result: Record<string, unknown> & { files?: Record<string, unknown[]> };
}

/** The 200 of `/results/{SeriesInstanceUID}`. */
export function seriesResult(
  context: SimulatorContext,
  subject: ResultSubject,
  fault: Fault | undefined,
): ResultBody {
  const findings = simulatedFindings(subject, context.dialect);
  const result = resultOf(context, subject, findings, fault);
  const isInAsset = context.dialect.ctFindings !== 'result' && subject.verdict.usecase === 'qct';
  if (isInAsset) {
    const { scores: _scores, decisions: _decisions, ...rest } = result;
    return { ...head(context, subject.verdict), result: rest };
  }
  return {
    ...head(context, subject.verdict),
    result: { report: [NOTICE, ...findings.positive], ...result },
  };
}

/** The 200, or the 206 of an invalid scan, of `/results/v2/{SOPInstanceUID}`. */
export function xrayResult(
  context: SimulatorContext,
  subject: ResultSubject,
  fault: Fault | undefined,
): ResultBody {
  const findings = simulatedFindings(subject, context.dialect);
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
  findings: SimulatedFindings,
  fault: Fault | undefined,
): ResultBody['result'] {
  return {
    scores: findings.scores,
    ...(findings.decisions === undefined ? {} : { decisions: findings.decisions }),
    reporting_params: [],
    qure_model_version: context.modelVersion,
    files: signedFiles(context, { ...subject, usecase: subject.verdict.usecase }, fault),
  };
}

import { createHash } from 'node:crypto';
import type { ScanVerdict } from './scan-verdict.ts';
import type { Dialect } from './simulator-options.ts';

const PATHOLOGIES: Readonly<Record<ScanVerdict['usecase'], readonly string[]>> = {
  qer: ['ICH', 'MIDLINE_SHIFT', 'CRANIAL_FRACTURE'],
  qct: ['LUNG_NODULE', 'EMPHYSEMA'],
  qxr: ['OPACITY', 'PLEURAL_EFFUSION', 'PNEUMOTHORAX'],
  qmsk: ['FRACTURE', 'DISLOCATION'],
  not_implemented: [],
};

export interface SimulatedFindings {
  positive: string[];
  scores: Record<string, number | string>;
  decisions?: Record<string, boolean>;
}

interface Subject {
  uid: string;
  verdict: ScanVerdict;
}

/** Scores follow from the UID; in a critical scan the first pathology is positive, in a routine one none is. */
export function simulatedFindings({ uid, verdict }: Subject, dialect: Dialect): SimulatedFindings {
  const digest = createHash('sha256').update(uid).digest();
  const positive: string[] = [];
  const scores: Record<string, number | string> = {};
  const decisions: Record<string, boolean> = {};
  PATHOLOGIES[verdict.usecase].forEach((pathology, index) => {
    const key = dialect.findingKeys === 'known' ? pathology : `local finding ${index + 1} (beta)`;
    const share = (digest[index] ?? 0) / 1000;
    const isPositive = verdict.triage === 'critical' && index === 0;
    const score = (isPositive ? 0.7 + share : 0.02 + share).toFixed(3);
    scores[key] = dialect.scores === 'text' ? score : Number(score);
    decisions[key] = isPositive;
    if (isPositive) positive.push(`Simulated finding: ${key}`);
  });
  if (positive.length === 0) positive.push('Simulated: nothing found');
  return { positive, scores, ...(dialect.decisions === 'present' ? { decisions } : {}) };
}

/** The content of qCT's JSON asset besides its notice; empty if the answer itself has the findings. */
export function findingsInAsset(subject: Subject, dialect: Dialect): Record<string, unknown> {
  if (dialect.ctFindings === 'result' || subject.verdict.usecase !== 'qct') return {};
  const { scores, decisions } = simulatedFindings(subject, dialect);
  if (dialect.ctFindings === 'asset_maps')
    return { result: { scores, ...(decisions === undefined ? {} : { decisions }) } };
  const findings = Object.entries(scores).map(([name, score]) => ({
    name,
    ...(decisions === undefined ? {} : { present: decisions[name] }),
    score,
  }));
  return { findings };
}

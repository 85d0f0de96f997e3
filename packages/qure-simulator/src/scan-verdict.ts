import { createHash } from 'node:crypto';
import type { ScanHeader } from './data-set-reader.ts';

export type Usecase = 'qer' | 'qct' | 'qxr' | 'qmsk';

/**
 * The simulated outcome. `invalid`: a supported modality, but an invalid scan (206 for an X-ray, 400 for a CT).
 * `unsupported`: a modality of no product.
 */
export interface ScanVerdict {
  usecase: Usecase | 'not_implemented';
  validity: 'valid' | 'invalid' | 'unsupported';
  triage: 'critical' | 'routine';
}

const CHEST = /chest|thora|torax|torac|lung|pulmon|poumon|polmon|akci[gğ]er|cxr|胸|肺|흉부/i;
const HEAD =
  /head|brain|skull|crani|cr[aâ]ne|cerebr|kopf|sch[aä]del|cabeza|testa|beyin|t[eê]te|头|颅|頭|두부/i;
const OTHER_BODY_PART = /abdom|pelvi|knee|spine|hip|foot|hand|wrist|ankle|shoulder|elbow/i;

/**
 * Judges a scan by its header. Markers in Series Description decide directly: `[critical]`, `[routine]`, `[invalid]`,
 * `[unsupported]`. Without a marker the triage follows from the series UID: about one in four is critical, always the
 * same ones. A CT without a body part counts as a head.
 */
export function judgeScan(header: ScanHeader): ScanVerdict {
  const description = header.seriesDescription.toLowerCase();
  const triage = triageOf(header.seriesInstanceUid, description);
  const texts = [header.bodyPart, header.seriesDescription, header.studyDescription];
  const isXray = isXrayModality(header.modality);
  if ((header.modality !== 'CT' && !isXray) || description.includes('[unsupported]')) {
    return { usecase: 'not_implemented', validity: 'unsupported', triage: 'routine' };
  }
  const usecase = isXray ? xrayUsecase(texts) : ctUsecase(texts);
  if (usecase === null || description.includes('[invalid]')) {
    return { usecase: 'not_implemented', validity: 'invalid', triage: 'routine' };
  }
  return { usecase, validity: 'valid', triage };
}

/** CR and DX, which Qure answers per instance and without a compute call. */
export function isXrayModality(modality: string): boolean {
  return modality === 'CR' || modality === 'DX';
}

function xrayUsecase(texts: readonly string[]): Usecase {
  const decisive = texts.find((text) => CHEST.test(text) || OTHER_BODY_PART.test(text)) ?? '';
  return CHEST.test(decisive) ? 'qxr' : 'qmsk';
}

function ctUsecase(texts: readonly string[]): Usecase | null {
  for (const text of texts) {
    if (HEAD.test(text)) return 'qer';
    if (CHEST.test(text)) return 'qct';
  }
  return texts.some((text) => OTHER_BODY_PART.test(text)) ? null : 'qer';
}

function triageOf(seriesInstanceUid: string, description: string): 'critical' | 'routine' {
  if (description.includes('[critical]')) return 'critical';
  if (description.includes('[routine]')) return 'routine';
  const [first = 0] = createHash('sha256').update(seriesInstanceUid).digest();
  return first < 64 ? 'critical' : 'routine';
}

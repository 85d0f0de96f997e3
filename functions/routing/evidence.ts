/** The texts that can name a part of the body, the most specific first: this is the order of evidence. */
export const EVIDENCE_FIELDS = [
  'bodyPartExamined',
  'seriesDescription',
  'protocolName',
  'studyDescription',
  'viewPosition',
] as const;
export type EvidenceField = (typeof EVIDENCE_FIELDS)[number];
export type EvidenceTexts = { readonly [field in EvidenceField]?: string };

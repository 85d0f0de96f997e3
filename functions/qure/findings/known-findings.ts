import type { FindingCode } from './findings.ts';

/**
 * Findings whose keys are known, with their codes. Qure publishes no list of keys: these are the names that its clearances
 * and examples use. Only codes that have been looked up stand here. RadElement has a set of its own for few of these findings: its
 * hemorrhage is an acute one, its fractures are of single bones, and Qure's keys say neither.
 */

interface KnownFinding {
  /** As `comparable` writes them. */
  keys: readonly string[];
  label: string;
  /** Only of these use cases; absent: of all. */
  usecases?: readonly string[];
  snomed?: readonly [code: string, display: string];
  radelement?: readonly [code: string, display: string];
}

const SNOMED_CT = 'http://snomed.info/sct';
const RADELEMENT = 'https://radelement.org';
const CHEST = ['qxr', 'qct'];

/** Source of the codes: SNOMED CT, International Edition; RadElement, the sets of the RSNA and ACR. */
const KNOWN: readonly KnownFinding[] = [
  {
    keys: ['ICH', 'INTRACRANIAL_HEMORRHAGE', 'INTRACRANIAL_HAEMORRHAGE'],
    label: 'Intracranial hemorrhage',
    snomed: ['1386000', 'Intracranial hemorrhage'],
  },
  {
    keys: ['SUBARACHNOID_HEMORRHAGE', 'SUBARACHNOID_HAEMORRHAGE'],
    label: 'Subarachnoid hemorrhage',
    snomed: ['21454007', 'Subarachnoid intracranial hemorrhage'],
  },
  { keys: ['MASS_EFFECT'], label: 'Mass effect' },
  { keys: ['MIDLINE_SHIFT'], label: 'Midline shift' },
  { keys: ['CRANIAL_FRACTURE'], label: 'Cranial fracture' },
  { keys: ['LARGE_VESSEL_OCCLUSION'], label: 'Large vessel occlusion' },
  { keys: ['PNEUMOTHORAX'], label: 'Pneumothorax', snomed: ['36118008', 'Pneumothorax'] },
  {
    keys: ['PLEURAL_EFFUSION'],
    label: 'Pleural effusion',
    snomed: ['60046008', 'Pleural effusion'],
    radelement: ['RDES254', 'Pleural Effusion'],
  },
  { keys: ['CARDIOMEGALY'], label: 'Cardiomegaly', snomed: ['8186001', 'Cardiomegaly'] },
  {
    keys: ['CONSOLIDATION'],
    label: 'Consolidation',
    usecases: CHEST,
    snomed: ['95436008', 'Lung consolidation'],
  },
  { keys: ['FIBROSIS'], label: 'Fibrosis', usecases: CHEST, snomed: ['51615001', 'Fibrosis of lung'] },
  {
    keys: ['EMPHYSEMA'],
    label: 'Emphysema',
    usecases: CHEST,
    snomed: ['87433001', 'Pulmonary emphysema'],
    radelement: ['RDES286', 'Emphysema'],
  },
  { keys: ['ATELECTASIS'], label: 'Atelectasis', snomed: ['46621007', 'Atelectasis'] },
  { keys: ['BLUNTED_CP_ANGLE', 'BLUNTED_CP'], label: 'Blunted costophrenic angle' },
  { keys: ['HILAR_ENLARGEMENT'], label: 'Hilar enlargement' },
  { keys: ['FRACTURE'], label: 'Fracture', usecases: ['qmsk'], snomed: ['125605004', 'Fracture of bone'] },
];

/** What is known of a key of this use case; any other key stands for itself. */
export function describeKey(
  key: string,
  usecase: string | undefined,
): { label: string; codes: FindingCode[] } {
  const written = comparable(key);
  const known = KNOWN.find(
    ({ keys, usecases }) =>
      keys.includes(written) &&
      (usecases === undefined || (usecase !== undefined && usecases.includes(usecase.toLowerCase()))),
  );
  if (known === undefined) return { label: key.replaceAll('_', ' '), codes: [] };
  const { label, snomed, radelement } = known;
  return { label, codes: [...codeOf(SNOMED_CT, snomed), ...codeOf(RADELEMENT, radelement)] };
}

function codeOf(system: string, given: readonly [code: string, display: string] | undefined): FindingCode[] {
  return given === undefined ? [] : [{ system, code: given[0], display: given[1] }];
}

function comparable(key: string): string {
  return key.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
}

/**
 * Words of protocols and orders by which a hospital says that a head CT cannot wait. A word that is missing here costs no
 * finding: the scan is routine. Terms as in `default-rules.ts`.
 */
const listed = (terms: string): string[] => terms.split(',').map((term) => term.trim());

const STROKE = listed(
  'STROKE*, CODESTROKE, CVA, APOPLEX*, SCHLAGANFALL*, INSULT*, AVC, ICTUS, DERRAME, BEROERTE, CVI, UDAR*, SLAGANFALL*, HJERNESLAG, APOPLEKSI, INFARTO CEREBRAL, ИНСУЛЬТ*, ОНМК, 卒中, 뇌졸중, 중풍',
);
const TRAUMA = listed(
  'TRAUMA*, POLYTRAUMA*, POLITRAUMA*, TBI, SHT, TCE, TCC, HEAD INJURY, SCHOCKRAUM*, ТРАВМ*, ЧМТ, ПОЛИТРАВМ*, 外伤, 外傷, 외상',
);
const EMERGENCY = listed(
  'EMERGENC*, EMERG, EMERGENT, ED, ER, STAT, URGENT*, URGENCE*, URGENCIA*, URGENZA*, NOTFALL*, NOTAUFNAHME, PRONTO SOCCORSO, SPOED*, AKUTT*, AKUT, ЭКСТРЕН*, СРОЧН*, 急诊, 急診, 救急, 緊急, 응급',
);

export const URGENT_WORDS: readonly string[] = [...STROKE, ...TRAUMA, ...EMERGENCY];

export const NOT_URGENT_WORDS: readonly string[] = listed(
  'NON URGENT, NONURGENT, NOT URGENT, NO URGENT*, NON EMERGENT, NON EMERGENC*, NON STAT, NON TRAUMA*, NONTRAUMA*, NO TRAUMA, NICHT TRAUMA*, FOLLOW UP, FOLLOWUP, VERLAUFSKONTROLLE',
);

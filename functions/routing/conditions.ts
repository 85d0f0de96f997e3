import { EVIDENCE_FIELDS } from './evidence.ts';
import type { RoutingProfile } from './profile.ts';
import type { NumberRange, RoutingRule, RuleConditions } from './rules.ts';
import { fold, type TermFinder, termFinder } from './words.ts';

export function ruleHolds(rule: RoutingRule, profile: RoutingProfile): boolean {
  if (!conditionsHold(rule.when, profile)) return false;
  return !(rule.unless ?? []).some((exception) => conditionsHold(exception, profile));
}

type ConditionName = keyof RuleConditions;
type Check<K extends ConditionName> = (
  expected: NonNullable<RuleConditions[K]>,
  profile: RoutingProfile,
) => boolean;

const CHECKS: { [K in keyof Required<RuleConditions>]: Check<K> } = {
  modality: (values, { modality }) =>
    modality !== undefined && values.some((v) => fold(v).trim() === modality),
  sopClassUid: (uids, { header }) => uids.some((uid) => isSopClass(uid, header.sopClassUid)),
  region: (regions, { named }) =>
    regions.some((region) => (region === 'none' ? named === undefined : named?.regions.has(region) === true)),
  anyText: (terms, { header }) => EVIDENCE_FIELDS.some((field) => hasTerm(terms, header[field])),
  bodyPart: (terms, { header }) => hasTerm(terms, header.bodyPartExamined),
  seriesDescription: (terms, { header }) => hasTerm(terms, header.seriesDescription),
  studyDescription: (terms, { header }) => hasTerm(terms, header.studyDescription),
  protocolName: (terms, { header }) => hasTerm(terms, header.protocolName),
  viewPosition: (terms, { header }) => hasTerm(terms, header.viewPosition),
  imageType: (values, { header }) =>
    imageTypesOf(values).some((parts) =>
      parts.every((part) => header.imageType?.some((present) => hasTerm(part, present)) === true),
    ),
  manufacturer: (terms, { header }) => hasTerm(terms, header.manufacturer),
  manufacturerModelName: (terms, { header }) => hasTerm(terms, header.manufacturerModelName),
  sliceThicknessMm: (range, { header }) => isWithin(range, header.sliceThicknessMm),
  patientAgeYears: (range, { header }) => isWithin(range, header.patientAgeYears),
  hasContrast: (expected, { header }) => hasContrastAgent(header.contrastBolusAgent) === expected,
  rows: (range, { header }) => isWithin(range, header.rows),
  columns: (range, { header }) => isWithin(range, header.columns),
  instances: (range, { instancesInSeries }) => isWithin(range, instancesInSeries),
};

function conditionsHold(conditions: RuleConditions, profile: RoutingProfile): boolean {
  return (Object.keys(CHECKS) as ConditionName[]).every((name) => conditionHolds(name, conditions, profile));
}

function conditionHolds<K extends ConditionName>(
  name: K,
  conditions: RuleConditions,
  profile: RoutingProfile,
): boolean {
  const expected = conditions[name];
  if (expected === undefined) return true;
  const check: Check<K> = CHECKS[name];
  return check(expected, profile);
}

/** Rules are few and outlive the series they route, so each list of terms is prepared once. */
const finders = new WeakMap<string[], TermFinder<true>>();

function hasTerm(terms: string[], text: string | undefined): boolean {
  if (text === undefined) return false;
  let find = finders.get(terms);
  if (find === undefined) {
    find = termFinder(terms.map((term) => [term, true] as const));
    finders.set(terms, find);
  }
  return find(text).size > 0;
}

const imageTypes = new WeakMap<string[], string[][][]>();

/** Of each value its parts, each as a list of its own term: `DERIVED\MPR` is `[['DERIVED'], ['MPR']]`. */
function imageTypesOf(values: string[]): string[][][] {
  let parts = imageTypes.get(values);
  if (parts === undefined) {
    parts = values.map((value) => value.split('\\').map((part) => [part]));
    imageTypes.set(values, parts);
  }
  return parts;
}

function isSopClass(expected: string, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  return expected.endsWith('.*') ? actual.startsWith(expected.slice(0, -1)) : actual === expected;
}

function isWithin({ min, max }: NumberRange, value: number | undefined): boolean {
  return value !== undefined && (min === undefined || value >= min) && (max === undefined || value <= max);
}

/** Some scanners fill Contrast/Bolus Agent (0018,0010) to say that there was none. */
const NO_AGENT = noAgentPattern();

function noAgentPattern(): RegExp {
  const between = '[\\s./_-]';
  const without = `(?:non?|none|without|w${between}?o|ohne|keine?s?|sans|sin|sem|senza)`;
  const agent = `(?:iv${between}+)?(?:contrast[a-z]*|kontrast[a-z]*|km|mdc)`;
  const word = `n${between}?a|n|nil|0|plain|nativ[a-z]*|unenhanced|not${between}(?:applied|given|used)`;
  return new RegExp(`^${between}*(?:${without}(?:${between}+${agent})?|${word})?${between}*$`, 'i');
}

export function hasContrastAgent(agent: string | undefined): boolean {
  return agent !== undefined && !NO_AGENT.test(agent);
}

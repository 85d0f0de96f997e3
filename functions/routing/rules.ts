import type { Product } from '../qure/product.ts';
import type { Priority } from './priority.ts';
import type { Region } from './regions.ts';

/**
 * One routing rule. All conditions of `when` that are given must hold, and no entry of `unless` may hold entirely;
 * a rule without conditions always holds. The first rule that holds decides. Texts are compared word by word,
 * without regard to case, accents and separators; `*` at either end of a word stands for any letters.
 */
export interface RoutingRule {
  /** For people and for the record of the decision; stable. */
  name: string;
  when: RuleConditions;
  /** Exceptions: the rule does not hold where all conditions of one entry hold. */
  unless?: RuleConditions[];
  then: RuleOutcome;
}

/** `priority` left out: as the source says, which is routine unless told otherwise. */
export type RuleOutcome = { product: Product; priority?: Priority } | { skip: string };

/**
 * Every condition that lists values holds when any of them does. A condition on an attribute that the header does
 * not have does not hold.
 */
export interface RuleConditions {
  /** Modality (0008,0060), whole value; where it is absent, what the SOP class implies. */
  modality?: string[];
  /** Whole UIDs, or `1.2.3.*` for all UIDs below `1.2.3`. */
  sopClassUid?: string[];
  /** The part of the body that the texts name (`regions-of.ts`); `none` where they name none. */
  region?: (Region | 'none')[];
  /** Any of these words stands in Body Part Examined, a description, the protocol name or the view position. */
  anyText?: string[];
  bodyPart?: string[];
  seriesDescription?: string[];
  studyDescription?: string[];
  protocolName?: string[];
  viewPosition?: string[];
  /** Any of these is among Image Type (0008,0008); of `DERIVED\MPR` both parts must be. */
  imageType?: string[];
  manufacturer?: string[];
  manufacturerModelName?: string[];
  /** Bounds are inclusive, here and below. */
  sliceThicknessMm?: NumberRange;
  patientAgeYears?: NumberRange;
  /**
   * Whether Contrast/Bolus Agent (0018,0010) is filled (`NONE` and `NO` are not). `false` does not prove that no
   * contrast was given: many scanners leave the attribute out.
   */
  hasContrast?: boolean;
  rows?: NumberRange;
  columns?: NumberRange;
  /** Number of instances of the series. */
  instances?: NumberRange;
}

/** Either bound may be left out. */
export interface NumberRange {
  min?: number;
  max?: number;
}

/** Builds a rule; `exceptions` become `unless`. */
export function routingRule(
  name: string,
  when: RuleConditions,
  outcome: RoutingRule['then'],
  exceptions: RuleConditions[] = [],
): RoutingRule {
  // biome-ignore lint/suspicious/noThenProperty: the word of the sources document; a rule is never awaited.
  const rule: RoutingRule = { name, when, then: outcome };
  return exceptions.length > 0 ? { ...rule, unless: exceptions } : rule;
}

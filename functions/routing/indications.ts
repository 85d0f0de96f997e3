import type { Instance } from '../instances/instance.ts';
import { hasContrastAgent } from './conditions.ts';
import { isLocalizer } from './quality/volume.ts';

/**
 * What Qure's clearances name of ages, views and contrast, as far as a header can tell: data, with the source of each row. A product
 * without a row has no limit that is known here. docs/routing.md says how it is used.
 */

export const INDICATION_PRESETS = ['none', 'us-510k', 'ce'] as const;
export type IndicationPreset = (typeof INDICATION_PRESETS)[number];

export type IndicationCode = 'age_below_18' | 'age_below_22' | 'contrast' | 'not_frontal';

type IndicatedHeader = Pick<
  Instance,
  'patientAgeYears' | 'contrastBolusAgent' | 'viewPosition' | 'imageType'
>;

interface Indication {
  preset: Exclude<IndicationPreset, 'none'>;
  /** By name: a source may have products of its own. */
  product: string;
  outside: readonly IndicationCode[];
  /** Of FDA the numbers of the 510(k) summaries, of the EU the class of devices. */
  source: string;
}

export const INDICATIONS: readonly Indication[] = [
  {
    preset: 'us-510k',
    product: 'qER',
    outside: ['age_below_18', 'contrast'],
    source: 'K200921 (adult, non-contrast); K211222, qER-Quant (non-contrast)',
  },
  { preset: 'us-510k', product: 'qER-CTA', outside: ['age_below_22'], source: 'K251610 (22 years or more)' },
  {
    preset: 'us-510k',
    product: 'qXR',
    outside: ['age_below_18', 'not_frontal'],
    source: 'K230899, qXR-PTX-PE (adult, frontal); K231805, qXR-LN (adult, AP or PA)',
  },
  { preset: 'ce', product: 'qER', outside: ['contrast'], source: 'class IIb, qER-NCCT (non-contrast)' },
];

/** Whether a header says that it is outside. What it does not say, or says in words that are not known, is not. */
const IS_OUTSIDE: Record<IndicationCode, (header: IndicatedHeader) => boolean> = {
  age_below_18: ({ patientAgeYears: age }) => age !== undefined && age < 18,
  age_below_22: ({ patientAgeYears: age }) => age !== undefined && age < 22,
  contrast: ({ contrastBolusAgent }) => hasContrastAgent(contrastBolusAgent),
  not_frontal: ({ viewPosition }) => isOtherView(viewPosition ?? ''),
};

const FRONTAL_VIEWS = new Set(['AP', 'PA', 'FRONTAL']);
/** DICOM PS3.3 section C.8.1.2 (View Position of CR), and what devices write in its place. Decubitus says nothing of the beam. */
const OTHER_VIEWS = new Set('LL RL LAT LATERAL RLO LLO RAO LAO RPO LPO OBL OBLIQUE'.split(' '));

function isOtherView(viewPosition: string): boolean {
  const words = viewPosition.toUpperCase().split(/[^A-Z]+/);
  return words.some((word) => OTHER_VIEWS.has(word)) && !words.some((word) => FRONTAL_VIEWS.has(word));
}

export interface OutsideIndication {
  /** In alphabetical order; empty where nothing is known to lie outside. */
  codes: IndicationCode[];
  /** Every image lies outside the clearances that the source names. A frontal view beside a lateral one is inside. */
  isWithheld: boolean;
}

/** What of a series lies outside the clearances of `product`; with `none` by those of the US, which name most, and nothing is withheld. */
export function judgeIndications(
  instances: readonly IndicatedHeader[],
  product: string,
  preset: IndicationPreset = 'none',
): OutsideIndication {
  const reference = preset === 'none' ? 'us-510k' : preset;
  const limits = INDICATIONS.filter((one) => one.preset === reference && one.product === product).flatMap(
    ({ outside }) => outside,
  );
  const images = instances.filter((instance) => !isLocalizer(instance));
  const codesOf = (image: IndicatedHeader) => limits.filter((code) => IS_OUTSIDE[code](image));
  const ofImages = images.map(codesOf);
  return {
    codes: [...new Set(ofImages.flat())].sort(),
    isWithheld: preset !== 'none' && images.length > 0 && ofImages.every((codes) => codes.length > 0),
  };
}

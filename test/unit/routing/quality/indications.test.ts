import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../../functions/instances/instance.ts';
import {
  INDICATIONS,
  type IndicationPreset,
  judgeIndications,
} from '../../../../functions/routing/indications.ts';

type Header = Partial<
  Pick<Instance, 'patientAgeYears' | 'contrastBolusAgent' | 'viewPosition' | 'imageType'>
>;

const ADULT = { patientAgeYears: 54 };

describe('what lies outside the clearances', () => {
  const ROWS: { name: string; product: string; headers: Header[]; codes: string[]; isWithheld?: boolean }[] =
    [
      { name: 'head CT of an adult', product: 'qER', headers: [ADULT], codes: [] },
      {
        name: 'head CT of a child',
        product: 'qER',
        headers: [{ patientAgeYears: 5 }],
        codes: ['age_below_18'],
      },
      { name: 'head CT on the 18th birthday', product: 'qER', headers: [{ patientAgeYears: 18 }], codes: [] },
      { name: 'head CT of nobody knows whom', product: 'qER', headers: [{}], codes: [] },
      {
        name: 'head CT with contrast',
        product: 'qER',
        headers: [{ ...ADULT, contrastBolusAgent: 'IOHEXOL' }],
        codes: ['contrast'],
      },
      {
        name: 'head CT that says NONE',
        product: 'qER',
        headers: [{ ...ADULT, contrastBolusAgent: 'NONE' }],
        codes: [],
      },
      {
        name: 'head CT with contrast, and its localizer',
        product: 'qER',
        headers: [{ imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }, { contrastBolusAgent: 'IOHEXOL' }],
        codes: ['contrast'],
      },
      {
        name: 'head CT before and after contrast in one series',
        product: 'qER',
        headers: [ADULT, { ...ADULT, contrastBolusAgent: 'IOHEXOL' }],
        codes: ['contrast'],
        isWithheld: false,
      },
      {
        name: 'only a localizer',
        product: 'qER',
        headers: [{ patientAgeYears: 5, imageType: ['LOCALIZER'] }],
        codes: [],
      },
      { name: 'chest film, PA', product: 'qXR', headers: [{ ...ADULT, viewPosition: 'PA' }], codes: [] },
      {
        name: 'portable chest film, AP',
        product: 'qXR',
        headers: [{ ...ADULT, viewPosition: 'AP' }],
        codes: [],
      },
      { name: 'chest film without a view', product: 'qXR', headers: [ADULT], codes: [] },
      {
        name: 'chest film, lateral',
        product: 'qXR',
        headers: [{ ...ADULT, viewPosition: 'LL' }],
        codes: ['not_frontal'],
      },
      {
        name: 'chest film, in words',
        product: 'qXR',
        headers: [{ viewPosition: 'Lateral left' }],
        codes: ['not_frontal'],
      },
      { name: 'chest film of two views', product: 'qXR', headers: [{ viewPosition: 'PA/LAT' }], codes: [] },
      { name: 'chest film, decubitus', product: 'qXR', headers: [{ viewPosition: 'LLD' }], codes: [] },
      {
        name: 'chest films, PA and lateral',
        product: 'qXR',
        headers: [{ viewPosition: 'PA' }, { viewPosition: 'LL' }],
        codes: ['not_frontal'],
        isWithheld: false,
      },
      {
        name: 'lateral chest film of a child',
        product: 'qXR',
        headers: [{ patientAgeYears: 0.5, viewPosition: 'RL' }],
        codes: ['age_below_18', 'not_frontal'],
      },
      {
        name: 'head CTA at 21',
        product: 'qER-CTA',
        headers: [{ patientAgeYears: 21 }],
        codes: ['age_below_22'],
      },
      {
        name: 'chest CT of a child: no limit is known',
        product: 'qCT',
        headers: [{ patientAgeYears: 5 }],
        codes: [],
      },
      {
        name: 'limb of a child: no limit is known',
        product: 'qMSK',
        headers: [{ patientAgeYears: 5 }],
        codes: [],
      },
      { name: 'a product that nobody knows', product: 'qNew', headers: [{ patientAgeYears: 5 }], codes: [] },
      { name: 'nothing', product: 'qER', headers: [], codes: [] },
    ];
  test.each(ROWS)('$name', ({ product, headers, codes, isWithheld = codes.length > 0 }) => {
    expect(judgeIndications(headers, product, 'us-510k')).toEqual({ codes, isWithheld });
    expect(judgeIndications(headers, product)).toEqual({ codes, isWithheld: false });
    expect(judgeIndications(headers, product, 'none')).toEqual({ codes, isWithheld: false });
  });

  test.each<{ preset: IndicationPreset; headers: Header[]; codes: string[]; isWithheld: boolean }>([
    { preset: 'ce', headers: [{ patientAgeYears: 5 }], codes: [], isWithheld: false },
    { preset: 'ce', headers: [{ contrastBolusAgent: 'IOHEXOL' }], codes: ['contrast'], isWithheld: true },
  ])('$preset: $codes', ({ preset, headers, codes, isWithheld }) => {
    expect(judgeIndications(headers, 'qER', preset)).toEqual({ codes, isWithheld });
  });

  test('every row names its source', () => {
    for (const { source } of INDICATIONS) expect(source).toMatch(/K\d{6}|class II/);
  });
});

import type { DicomHeader } from '@qure-dropoff/dicom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoutingSource } from '../../../functions/completion/route-series.ts';
import { routeSeries } from '../../../functions/completion/route-series.ts';
import { hasContrastAgent } from '../../../functions/routing/conditions.ts';
import { type RoutingRule, routingRule } from '../../../functions/routing/rules.ts';
import { BY_RULES, instance, instances, outcome, outcomeOf, SC_CLASS } from './headers.ts';

const HEAD = { modality: 'CT', bodyPartExamined: 'HEAD' };
const CHEST = { modality: 'CT', bodyPartExamined: 'CHEST' };
const LOCALIZER = { ...HEAD, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] };
const MR = { modality: 'MR' };
const REPORT = { modality: 'SR' };

function withRules(...rules: RoutingRule[]): RoutingSource {
  return { rules, useDefaultRules: true };
}

describe('a series of several kinds of instances', () => {
  test('routes a localizer with the axial slices beside it', () => {
    expect(routeSeries([...instances(30, LOCALIZER), instance(HEAD, 31)], BY_RULES)).toEqual({
      kind: 'product',
      product: 'qER',
      rule: 'ct-head',
    });
  });

  test('takes the product of most instances', () => {
    expect(outcome(routeSeries([...instances(2, HEAD), ...instances(3, CHEST, 3)], BY_RULES))).toBe('qCT');
  });

  test('takes the product of the earlier rule for equal counts', () => {
    expect(outcome(routeSeries([...instances(2, CHEST), ...instances(2, HEAD, 3)], BY_RULES))).toBe('qER');
  });

  test('adds the instances of two rules for one product', () => {
    const xRays = [
      instance({ modality: 'DX', bodyPartExamined: 'HAND' }, 1),
      instance({ modality: 'DX' }, 2),
    ];
    const chests = instances(1, { modality: 'DX', bodyPartExamined: 'CHEST' }, 3);
    expect(outcome(routeSeries([...chests, ...xRays], BY_RULES))).toBe('qMSK');
  });

  test('skips with the reason of most instances', () => {
    const route = routeSeries([...instances(2, MR), ...instances(3, REPORT, 3)], BY_RULES);
    expect(route).toMatchObject({ kind: 'skip', reason: 'non_image', rule: 'non-image-modality' });
  });

  test('skips with the first reason in the alphabet for equal counts', () => {
    expect(outcome(routeSeries([instance(MR, 1), instance(REPORT, 2)], BY_RULES))).toBe('non_image');
    expect(outcome(routeSeries([instance(MR, 1), instance(LOCALIZER, 2)], BY_RULES))).toBe('localizer');
  });

  test('answers no_route without instances', () => {
    expect(routeSeries([], BY_RULES)).toMatchObject({ kind: 'skip', reason: 'no_route' });
  });

  test('routes a thousand slices of one kind once', () => {
    let timesAsked = 0;
    const counting = {
      get modality() {
        timesAsked += 1;
        return ['MR'];
      },
    };
    const source = withRules(routingRule('counting', counting, { skip: 'filtered' }));
    const series = instances(1000, { ...HEAD, seriesDescription: 'HEAD 1.0' });
    expect(outcome(routeSeries(series, source))).toBe('qER');
    expect(timesAsked).toBe(1);
    routeSeries([...series, instance(LOCALIZER, 1001)], source);
    expect(timesAsked).toBe(3);
  });

  test('gives the same route for any order of the instances', () => {
    const header = fc.constantFrom(
      HEAD,
      CHEST,
      LOCALIZER,
      MR,
      REPORT,
      { modality: 'DX' },
      { modality: 'CT' },
    );
    const shuffled = fc
      .array(header, { maxLength: 12 })
      .map((headers) => headers.map((h, i) => instance(h, i + 1)))
      .chain((series) =>
        fc.tuple(
          fc.constant(series),
          fc.shuffledSubarray(series, { minLength: series.length, maxLength: series.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([series, other]) => {
        expect(routeSeries(other, BY_RULES)).toEqual(routeSeries(series, BY_RULES));
      }),
    );
  });
});

describe('the products that are licensed', () => {
  const ALL_TO_QXR = withRules(routingRule('all', {}, { product: 'qXR' }));

  test.each<[string, Partial<DicomHeader>, RoutingSource, string]>([
    ['one that is among them', HEAD, { ...BY_RULES, products: ['qXR', 'qER'] }, 'qER'],
    ['one that is not', HEAD, { ...BY_RULES, products: ['qXR', 'qCT'] }, 'filtered'],
    ['one that a rule of the source names', HEAD, { ...ALL_TO_QXR, products: ['qER'] }, 'filtered'],
    ['an X-ray that names no part, with qXR', { modality: 'DX' }, { ...BY_RULES, products: ['qXR'] }, 'qXR'],
    [
      'a portable chest in view AP, with qXR',
      { modality: 'DX', viewPosition: 'AP' },
      { ...BY_RULES, products: ['qER', 'qXR'] },
      'qXR',
    ],
    [
      'a hand, with qXR',
      { modality: 'CR', bodyPartExamined: 'HAND' },
      { ...BY_RULES, products: ['qXR'] },
      'qXR',
    ],
    [
      'a chest, with qMSK',
      { modality: 'DX', bodyPartExamined: 'CHEST' },
      { ...BY_RULES, products: ['qMSK'] },
      'qMSK',
    ],
    [
      'a chest, with both',
      { modality: 'DX', bodyPartExamined: 'CHEST' },
      { ...BY_RULES, products: ['qMSK', 'qXR'] },
      'qXR',
    ],
    [
      'an X-ray, with a product that Qure answers as qxr',
      { modality: 'DX' },
      {
        ...BY_RULES,
        products: ['qER', { name: 'qXR-2', results: 'instance', compute: false, usecase: 'qxr' }],
      },
      'qXR-2',
    ],
    [
      'an X-ray, with another product by instance',
      { modality: 'DX' },
      { ...BY_RULES, products: [{ name: 'qMammo', results: 'instance', compute: false }] },
      'filtered',
    ],
    ['an X-ray, with neither', { modality: 'DX' }, { ...BY_RULES, products: ['qER', 'qCT'] }, 'filtered'],
    [
      'an X-ray that a rule of the source skips',
      { modality: 'DX' },
      { ...withRules(routingRule('unnamed', { region: ['none'] }, { skip: 'no_route' })), products: ['qXR'] },
      'no_route',
    ],
    [
      'what no product takes keeps its reason',
      MR,
      { ...BY_RULES, products: ['qXR'] },
      'unsupported_modality',
    ],
  ])('REQ-ROUTE-1: the licensed products, and %s', (_name, header, source, expected) => {
    expect(outcomeOf(header, source)).toBe(expected);
  });

  test('a skip names the product and its rule, and no other product takes its place', () => {
    const mixed = [...instances(3, CHEST), ...instances(2, HEAD, 4)];
    expect(routeSeries(mixed, { ...BY_RULES, products: ['qER'] })).toEqual({
      kind: 'skip',
      reason: 'filtered',
      rule: 'ct-chest',
      detail: 'it is for qCT, which is not among the products of the source',
    });
  });
});

describe('the rules of a source', () => {
  const ALL_TO_QXR: RoutingSource = { rules: [], useDefaultRules: true, product: 'qXR' };
  const EVERYTHING = routingRule('everything', {}, { product: 'qXR' });
  const FILTERED = { skip: 'filtered' };

  test.each([
    ['a localizer', LOCALIZER, 'qXR'],
    ['an MR', MR, 'qXR'],
    ['a capture', { modality: 'OT', sopClassUid: SC_CLASS }, 'qXR'],
    ['nothing known', {}, 'qXR'],
    ['a report', REPORT, 'non_image'],
    ['a result of Qure', { ...CHEST, manufacturer: 'Qure.ai' }, 'qure_result'],
  ])('with a product, %s becomes %s', (_name, header, expected) => {
    expect(outcomeOf(header, ALL_TO_QXR)).toBe(expected);
  });

  test.each([
    ['come before the default rules', HEAD, withRules(EVERYTHING), 'qXR'],
    [
      'leave the rest to the default rules',
      CHEST,
      withRules(routingRule('r', { modality: ['MR'] }, FILTERED)),
      'qCT',
    ],
    ['stand alone without them', HEAD, { rules: [], useDefaultRules: false }, 'no_route'],
    ['are asked in order', HEAD, withRules(routingRule('a', {}, FILTERED), EVERYTHING), 'filtered'],
    [
      'cannot send what Qure returned',
      { ...CHEST, manufacturer: 'Qure.ai' },
      withRules(EVERYTHING),
      'qure_result',
    ],
    ['cannot send what is no image', REPORT, { rules: [EVERYTHING], useDefaultRules: false }, 'non_image'],
  ])('%s', (_name, header, source, expected) => {
    expect(outcomeOf(header, source)).toBe(expected);
  });

  const FULL = {
    ...HEAD,
    seriesDescription: 'Schädel nativ 1.0',
    protocolName: 'KH-Nord Stroke',
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    manufacturer: 'SIEMENS',
    manufacturerModelName: 'SOMATOM Force',
    rows: 512,
    columns: 512,
    sliceThicknessMm: 1,
    patientAgeYears: 40,
    contrastBolusAgent: 'Ultravist',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  };
  test.each<[string, object, RoutingRule['when'], boolean]>([
    ['modality, any case', FULL, { modality: ['mr', 'ct'] }, true],
    ['SOP class', FULL, { sopClassUid: ['1.2.840.10008.5.1.4.1.1.2'] }, true],
    ['SOP classes below', FULL, { sopClassUid: ['1.2.840.10008.5.1.4.1.1.*'] }, true],
    [
      'SOP classes below do not hold the class itself',
      FULL,
      { sopClassUid: ['1.2.840.10008.5.1.4.1.1.2.*'] },
      false,
    ],
    ['region', FULL, { region: ['head'] }, true],
    ['region none', {}, { region: ['none'] }, true],
    ['text with accents', FULL, { seriesDescription: ['schadel'] }, true],
    [
      'text without the accents of the rule',
      { seriesDescription: 'SCHADEL' },
      { seriesDescription: ['Schädel'] },
      true,
    ],
    ['part of a word', FULL, { seriesDescription: ['nat'] }, false],
    ['part of a word with a star', FULL, { seriesDescription: ['nat*'] }, true],
    ['any text', FULL, { anyText: ['stroke'] }, true],
    ['institution protocol', FULL, { protocolName: ['KH Nord'] }, true],
    ['words in another order', FULL, { protocolName: ['Nord KH'] }, false],
    ['image type', FULL, { imageType: ['AXIAL'] }, true],
    ['both image types', FULL, { imageType: ['ORIGINAL\\AXIAL'] }, true],
    ['one of both image types', FULL, { imageType: ['DERIVED\\AXIAL'] }, false],
    ['manufacturer', FULL, { manufacturer: ['Siemens'] }, true],
    ['model', FULL, { manufacturerModelName: ['force'] }, true],
    ['thickness at the bound', FULL, { sliceThicknessMm: { max: 1 } }, true],
    ['thickness out of bounds', FULL, { sliceThicknessMm: { min: 1.5 } }, false],
    ['thickness unknown', HEAD, { sliceThicknessMm: { max: 5 } }, false],
    ['age', FULL, { patientAgeYears: { min: 18 } }, true],
    ['age unknown', HEAD, { patientAgeYears: { min: 18 } }, false],
    ['contrast', FULL, { hasContrast: true }, true],
    ['contrast written NONE', { ...HEAD, contrastBolusAgent: 'NONE' }, { hasContrast: true }, false],
    ['no contrast', HEAD, { hasContrast: false }, true],
    ['rows and columns', FULL, { rows: { min: 512, max: 512 }, columns: { min: 512 } }, true],
    ['number of instances', FULL, { instances: { min: 2 } }, false],
    ['all conditions must hold', FULL, { modality: ['CT'], viewPosition: ['PA'] }, false],
    ['no conditions', {}, {}, true],
  ])('condition: %s', (_name, header, when, holds) => {
    const source: RoutingSource = { rules: [routingRule('r', when, FILTERED)], useDefaultRules: false };
    expect(outcomeOf(header, source)).toBe(holds ? 'filtered' : 'no_route');
  });

  test.each([
    ...[
      'NO CONTRAST',
      'NON-CONTRAST',
      'WITHOUT',
      'Without IV contrast',
      'W/O',
      'w/o contrast',
      'OHNE KM',
      'SANS',
    ],
    ...['SIN CONTRASTE', 'N/A', 'NA', '-', 'PLAIN', 'NATIV', 'Not applied', 'keines', 'KEIN KONTRASTMITTEL'],
  ])('contrast written %s is none', (contrastBolusAgent) => {
    expect(hasContrastAgent(contrastBolusAgent)).toBe(false);
  });

  test.each([
    ...['OMNIPAQUE 350', 'Non-ionic', 'IV contrast', ' CONTRAST', 'ORAL & IV', 'yes', 'Омнипак', '碘海醇'],
    ...['NITROGEN', 'Ultravist w/o reaction', 'UNKNOWN'],
  ])('contrast written %s is an agent', (contrastBolusAgent) => {
    expect(hasContrastAgent(contrastBolusAgent)).toBe(true);
  });

  test('an exception that holds switches the rule off', () => {
    const rule = routingRule('thin', { modality: ['CT'] }, FILTERED, [
      { region: ['head'] },
      { hasContrast: true },
    ]);
    expect(outcomeOf({ modality: 'CT' }, withRules(rule))).toBe('filtered');
    expect(outcomeOf(HEAD, withRules(rule))).toBe('qER');
    expect(outcomeOf({ ...CHEST, contrastBolusAgent: 'yes' }, withRules(rule))).toBe('qCT');
  });

  test('the number of instances is that of the whole series', () => {
    const few = withRules(routingRule('few', { instances: { max: 2 } }, FILTERED));
    expect(outcome(routeSeries(instances(2, HEAD), few))).toBe('filtered');
    expect(outcome(routeSeries([...instances(2, HEAD), instance(LOCALIZER, 3)], few))).toBe('qER');
  });
});

test('the detail of a skip says what was seen and quotes no text of the header', () => {
  const named = routeSeries([instance({ modality: 'CT', bodyPartExamined: 'NECK MEIER' })], BY_RULES);
  expect(named).toMatchObject({ rule: 'none', detail: 'modality CT; bodyPartExamined names neck' });
  const hostile = routeSeries([instance({ modality: 'MEIER, ANNA', seriesDescription: 'MEIER' })], BY_RULES);
  expect(JSON.stringify(hostile)).not.toContain('MEIER');
});

import type { Product } from '../qure/product.ts';
import { type RoutingRule, type RuleConditions, routingRule } from './rules.ts';
import {
  NON_IMAGE_CLASSES,
  NON_IMAGE_MODALITIES,
  SECONDARY_CAPTURE_CLASSES,
  UNSUPPORTED_MODALITIES,
  UNSUPPORTED_XRAY_CLASSES,
  XRAY_MODALITIES,
} from './sop-classes.ts';
import { NOT_URGENT_WORDS, URGENT_WORDS } from './urgent-words.ts';

/**
 * The routing table: data, read from top to bottom. docs/routing.md explains each decision.
 */
const listed = (terms: string): string[] => terms.split(',').map((term) => term.trim());

const CT = ['CT'];
const QURE_NAMES = listed('QURE*, QER*, QXR*, QCT*, QMSK*, QSPOT*, QTRACK*');
const DOSE_REPORT = listed(
  'DOSE REPORT, DOSE INFO*, DOSE SUMMARY, DOSE RECORD, DOSE SHEET, RADIATION DOSE, DOSISBERICHT, DOSISPROTOKOLL, PATIENT PROTOCOL, PATIENTENPROTOKOLL, PROTOCOLE PATIENT, PROTOCOLO PACIENTE, PROTOCOLLO PAZIENTE, RAPPORT DE DOSE, INFORME DE DOSIS, RELATORIO DE DOSE, EXAM SUMMARY, EXAM PROTOCOL',
);
const LOCALIZER = listed(
  'LOCALIZER*, LOCALISER*, LOCALIZADOR*, LOCALISATEUR, SCOUT*, TOPOGRAM*, TOPO, SURVIEW*, SCANOGRAM*, SCANO, SCANOSCOPE, PILOT, PILOTE, UBERSICHT*, UEBERSICHT*, REPERAGE, RADIO DE CENTRAGE, CENTRAGE, LOKALIZER*, OVERSIKT, OVERSIGT, OVERZICHT, ТОПОГРАММА, ЛОКАЛАЙЗЕР, 定位像, 定位片, 位置決め, スカウト, 스카우트',
);
const BOLUS_TRACKING = listed(
  'MONITORING, PREMONITORING, PRE MONITORING, BOLUS TRACK*, BOLUSTRACK*, TEST BOLUS, TESTBOLUS, TIMING BOLUS, SMARTPREP*, SMART PREP*, SURESTART*, SURE START*',
);
const BREAST = listed('BREAST, BREASTS, MAMMA, MAMMAE, MAMMOGRA*, MAMA, MAMAS, SEIN, SEINS, 乳腺, 乳房');
const ANGIOGRAPHY_OR_PERFUSION = listed(
  'CTA, *ANGIO*, АНГИО*, ВЕНОГРАФ*, VENOGRA*, CTV, PERFUSION*, PERFUSIO*, PERFUSAO, PERFUZ*, PERF, VPCT, CTP, CBF, CBV, MTT, TTP, TMAX, 血管, 灌注, 혈관',
);
const WITHOUT_CONTRAST = listed(
  'NCCT, NECT, NC, NON CONTRAST*, NONCONTRAST*, NON CON, NONCON, NON ENHANCED, UNENHANCED, WITHOUT, WO, W O, PLAIN, NATIV*, OHNE, SANS, SIN CONTRASTE, SEM CONTRASTE, SENZA, BLANCO, БЕЗ, 平扫, 平掃, 単純',
);
const AXIAL = listed('AX, AXIAL*, AXIAAL, TRA, TRANS, TRANSV*, TRANSAX*, ASSIAL*, АКСИАЛ*, 轴位, 軸位');

const skip = (name: string, reason: string, when: RuleConditions, ...unless: RuleConditions[]): RoutingRule =>
  routingRule(name, when, { skip: reason }, unless);
const take = (name: string, product: Product, when: RuleConditions): RoutingRule =>
  routingRule(name, when, { product });

/**
 * Asked before everything else, whatever a source's own rules or `product` say: results that come back must not
 * loop, and nothing but images goes to Qure.
 */
export const GUARD_RULES: readonly RoutingRule[] = [
  skip('qure-manufacturer', 'qure_result', { manufacturer: listed('QURE*') }),
  skip('qure-model', 'qure_result', { manufacturerModelName: listed('QURE*, QER*, QXR*, QMSK*') }),
  skip('qure-secondary-object', 'qure_result', {
    seriesDescription: QURE_NAMES,
    sopClassUid: [...SECONDARY_CAPTURE_CLASSES, ...NON_IMAGE_CLASSES],
  }),
  skip('qure-secondary-modality', 'qure_result', {
    seriesDescription: QURE_NAMES,
    modality: [...NON_IMAGE_MODALITIES, 'OT', 'SC'],
  }),
  skip('qure-derived-image', 'qure_result', {
    seriesDescription: QURE_NAMES,
    imageType: ['DERIVED\\SECONDARY'],
  }),
  skip('non-image-class', 'non_image', { sopClassUid: NON_IMAGE_CLASSES }),
  skip('non-image-modality', 'non_image', { modality: NON_IMAGE_MODALITIES }),
];

/** Asked after a source's own rules, unless it says `useDefaultRules: false`. */
export const DEFAULT_RULES: readonly RoutingRule[] = [
  skip('dose-report', 'dose_report', { seriesDescription: DOSE_REPORT }),
  // Siemens marks the page of acquisition parameters CT_SOM5 PROT, whatever language its description is in.
  skip('dose-report-image', 'dose_report', { modality: CT, imageType: ['PROT'] }),
  skip(
    'secondary-capture-class',
    'secondary_capture',
    { sopClassUid: SECONDARY_CAPTURE_CLASSES },
    // Film digitizers and old CR gateways wrap the X-ray itself; an overlay or a screen is DERIVED\SECONDARY.
    { modality: XRAY_MODALITIES, imageType: ['PRIMARY'] },
  ),
  skip('secondary-capture-modality', 'secondary_capture', {
    modality: ['OT'],
    imageType: ['DERIVED\\SECONDARY'],
  }),
  skip('screen-save', 'secondary_capture', { imageType: listed('SCREEN SAVE, SCREENSAVE, SCREENSHOT') }),
  skip('secondary-capture-only', 'secondary_capture', { modality: ['SC'] }),
  skip('localizer-image', 'localizer', { imageType: ['LOCALIZER'] }),
  // Not for X-rays: a scanogram measures legs, a scout film is the first film of a contrast study.
  skip('localizer-description', 'localizer', {
    modality: ['CT', 'MR', 'PT', 'NM'],
    seriesDescription: LOCALIZER,
  }),
  skip('unsupported-modality', 'unsupported_modality', { modality: UNSUPPORTED_MODALITIES }),
  skip('unsupported-x-ray-class', 'unsupported_modality', { sopClassUid: UNSUPPORTED_XRAY_CLASSES }),
  skip('ct-rendering', 'reformatted', {
    modality: CT,
    imageType: [
      'MIP',
      'MINIP',
      'MIN IP',
      'MAX IP',
      'PROJECTION IMAGE',
      'VRT',
      'VR',
      'VOLREND',
      'SSD',
      '3D',
      'CPR',
      'CURVED',
    ].map((value) => `DERIVED\\${value}`),
  }),
  skip(
    'ct-reformat',
    'reformatted',
    {
      modality: CT,
      imageType: ['MPR', 'REFORMATTED', 'REFORMAT', 'CORONAL', 'SAGITTAL'].map((v) => `DERIVED\\${v}`),
    },
    { imageType: ['AXIAL'] },
    { seriesDescription: AXIAL },
  ),
  // A few slices of one place, again and again: they time the contrast agent.
  skip('ct-bolus-tracking', 'localizer', { modality: CT, seriesDescription: BOLUS_TRACKING }),
  skip('ct-head-angiography', 'no_route', {
    modality: CT,
    region: ['head'],
    seriesDescription: ANGIOGRAPHY_OR_PERFUSION,
  }),
  skip(
    'ct-head-angiography-protocol',
    'no_route',
    { modality: CT, region: ['head'], protocolName: ANGIOGRAPHY_OR_PERFUSION },
    { seriesDescription: WITHOUT_CONTRAST },
    { protocolName: WITHOUT_CONTRAST },
  ),
  routingRule(
    'ct-head-urgent',
    { modality: CT, region: ['head'], anyText: [...URGENT_WORDS] },
    { product: 'qER', priority: 'urgent' },
    [{ anyText: [...NOT_URGENT_WORDS] }],
  ),
  take('ct-head', 'qER', { modality: CT, region: ['head'] }),
  take('ct-chest', 'qCT', { modality: CT, region: ['chest'] }),
  // A computed radiography of the breast has no modality of its own.
  skip('x-ray-breast', 'unsupported_modality', {
    modality: XRAY_MODALITIES,
    region: ['none'],
    bodyPart: BREAST,
  }),
  skip('x-ray-breast-by-view', 'unsupported_modality', {
    modality: XRAY_MODALITIES,
    region: ['none'],
    viewPosition: ['MLO', 'CC'],
  }),
  take('x-ray-chest', 'qXR', { modality: XRAY_MODALITIES, region: ['chest', 'heart'] }),
  take('x-ray-chest-by-view', 'qXR', { modality: XRAY_MODALITIES, region: ['none'], viewPosition: ['PA'] }),
  take('x-ray-unnamed', 'qMSK', { modality: XRAY_MODALITIES, region: ['none'] }),
  take('x-ray-other', 'qMSK', { modality: XRAY_MODALITIES }),
];

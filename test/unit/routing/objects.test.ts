import { existsSync, readFileSync } from 'node:fs';
import type { DicomHeader } from '@qure-dropoff/dicom';
import { expect, test } from 'vitest';
import { CT_CLASS, outcomeOf, SC_CLASS } from './headers.ts';

const STORAGE = '1.2.840.10008.5.1.4.1.1';
const HEAD: Partial<DicomHeader> = { modality: 'CT', sopClassUid: CT_CLASS, bodyPartExamined: 'HEAD' };
const CHEST_CR: Partial<DicomHeader> = {
  modality: 'CR',
  sopClassUid: `${STORAGE}.1`,
  bodyPartExamined: 'CHEST',
};

const ROWS: [name: string, header: Partial<DicomHeader>, expected: string][] = [
  // Qure's own results.
  ['a capture by Qure', { modality: 'OT', sopClassUid: SC_CLASS, manufacturer: 'Qure.ai' }, 'qure_result'],
  [
    'a report by Qure',
    { modality: 'SR', sopClassUid: `${STORAGE}.88.33`, manufacturer: 'QURE.AI' },
    'qure_result',
  ],
  ['a CT image by Qure', { ...HEAD, manufacturer: 'Qure.ai Technologies Pvt Ltd' }, 'qure_result'],
  ['an X-ray by Qure, one word', { ...CHEST_CR, manufacturer: 'qureai' }, 'qure_result'],
  ['the model is qXR', { ...CHEST_CR, manufacturerModelName: 'qXR v3' }, 'qure_result'],
  [
    'a capture called qER',
    { modality: 'CT', sopClassUid: SC_CLASS, seriesDescription: 'qER' },
    'qure_result',
  ],
  [
    'a capture called qXR_sc',
    { modality: 'CR', sopClassUid: SC_CLASS, seriesDescription: 'qXR_sc' },
    'qure_result',
  ],
  [
    'a PDF called qCT report',
    { modality: 'DOC', sopClassUid: `${STORAGE}.104.1`, seriesDescription: 'qCT report' },
    'qure_result',
  ],
  [
    'GSPS by qure',
    { modality: 'PR', sopClassUid: `${STORAGE}.11.1`, seriesDescription: 'qure gsps' },
    'qure_result',
  ],
  [
    'SEG of qCT',
    { modality: 'SEG', sopClassUid: `${STORAGE}.66.4`, seriesDescription: 'qCT-Lung nodules' },
    'qure_result',
  ],
  ['OT without a SOP class', { modality: 'OT', seriesDescription: 'qER Summary' }, 'qure_result'],
  [
    'a derived CT called qER',
    { ...HEAD, imageType: ['DERIVED', 'SECONDARY'], seriesDescription: 'qER overlay' },
    'qure_result',
  ],
  [
    'a scan for qER',
    { ...HEAD, imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'], seriesDescription: 'Head qER 5mm' },
    'qER',
  ],
  ['a scan for the qER study', { ...HEAD, protocolName: 'qER study', studyDescription: 'qure trial' }, 'qER'],
  [
    'an X-ray for qXR',
    { ...CHEST_CR, imageType: ['DERIVED', 'PRIMARY'], seriesDescription: 'Chest PA qXR' },
    'qXR',
  ],
  ['a maker whose name merely holds the letters', { ...HEAD, manufacturer: 'SEQURE MEDICAL' }, 'qER'],
  // No images.
  ...[
    '88.11',
    '88.59',
    '88.67',
    '11.1',
    '66.4',
    '66',
    '66.1',
    '66.5',
    '104.1',
    '9.1.1',
    '481.3',
    '481.2',
    '481.5',
    '68.1',
    '67',
    '30',
  ].map((suffix): [string, Partial<DicomHeader>, string] => [
    `SOP class ${suffix} of a head`,
    { sopClassUid: `${STORAGE}.${suffix}`, bodyPartExamined: 'HEAD' },
    'non_image',
  ]),
  ...['SR', 'KO', 'PR', 'SEG', 'REG', 'RTSTRUCT', 'RTDOSE', 'DOC', 'ECG'].map(
    (modality): [string, Partial<DicomHeader>, string] => [
      `modality ${modality} without SOP class`,
      { modality, seriesDescription: 'CHEST' },
      'non_image',
    ],
  ),
  // Secondary captures and screens.
  ['a capture', { modality: 'OT', sopClassUid: SC_CLASS }, 'secondary_capture'],
  [
    'a colour capture of a CT',
    { modality: 'CT', sopClassUid: `${SC_CLASS}.4`, bodyPartExamined: 'HEAD' },
    'secondary_capture',
  ],
  ['a derived OT', { modality: 'OT', imageType: ['DERIVED', 'SECONDARY'] }, 'secondary_capture'],
  ['another OT', { modality: 'OT' }, 'unsupported_modality'],
  ['a screen save', { ...HEAD, imageType: ['DERIVED', 'SECONDARY', 'SCREEN SAVE'] }, 'secondary_capture'],
  ['an old CR as capture', { ...CHEST_CR, sopClassUid: SC_CLASS, imageType: ['ORIGINAL', 'PRIMARY'] }, 'qXR'],
  [
    'a processed CR as capture',
    { ...CHEST_CR, sopClassUid: SC_CLASS, imageType: ['DERIVED', 'PRIMARY'] },
    'qXR',
  ],
  [
    'an overlay as capture',
    { ...CHEST_CR, sopClassUid: SC_CLASS, imageType: ['DERIVED', 'SECONDARY'] },
    'secondary_capture',
  ],
  ['a capture of a CR that says no more', { ...CHEST_CR, sopClassUid: SC_CLASS }, 'secondary_capture'],
  // Localizers and dose reports.
  ['image type LOCALIZER', { ...HEAD, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }, 'localizer'],
  ...[
    'Topogram 0.6 T20f',
    'SCOUT',
    'Surview',
    'Scanogram',
    'Übersicht',
    'Uebersicht',
    'LOCALIZER',
    'Topogramme',
    'TOPOGRAMA',
    'Repérage',
    '定位像',
    '位置決め',
  ].map((seriesDescription): [string, Partial<DicomHeader>, string] => [
    `described as ${seriesDescription}`,
    { ...HEAD, seriesDescription },
    'localizer',
  ]),
  ['an MR localizer', { modality: 'MR', seriesDescription: '3-plane localizer' }, 'localizer'],
  ['Patient Protocol', { ...HEAD, seriesDescription: 'Patient Protocol' }, 'dose_report'],
  [
    'a protocol page',
    { ...HEAD, imageType: ['DERIVED', 'SECONDARY', 'OTHER', 'CT_SOM5 PROT'] },
    'dose_report',
  ],
  ['Dose Report', { modality: 'CT', sopClassUid: SC_CLASS, seriesDescription: 'Dose Report' }, 'dose_report'],
  [
    'a dose SR',
    { modality: 'SR', sopClassUid: `${STORAGE}.88.67`, seriesDescription: 'Dose Report' },
    'non_image',
  ],
  // Other modalities.
  ...['MR', 'US', 'PT', 'NM', 'MG', 'XA', 'RF', 'PX', 'IO', 'ES', 'OP'].map(
    (modality): [string, Partial<DicomHeader>, string] => [
      `${modality} of the chest`,
      { modality, bodyPartExamined: 'CHEST' },
      'unsupported_modality',
    ],
  ),
  [
    'mammography that says DX',
    { modality: 'DX', sopClassUid: `${STORAGE}.1.2`, bodyPartExamined: 'CHEST' },
    'unsupported_modality',
  ],
  ['a modality nobody knows', { modality: 'ZZ', bodyPartExamined: 'HEAD' }, 'no_route'],
  ['no modality, SOP class MR', { sopClassUid: `${STORAGE}.4` }, 'unsupported_modality'],
  ['no modality, SOP class CT', { sopClassUid: CT_CLASS, bodyPartExamined: 'HEAD' }, 'qER'],
  ['no modality, SOP class DX', { sopClassUid: `${STORAGE}.1.1`, bodyPartExamined: 'CHEST' }, 'qXR'],
  ['nothing at all', {}, 'no_route'],
  // CT images of every making.
  ['enhanced CT', { ...HEAD, sopClassUid: `${STORAGE}.2.1`, numberOfFrames: 300 }, 'qER'],
  ['legacy converted enhanced CT', { ...HEAD, sopClassUid: `${STORAGE}.2.2` }, 'qER'],
  ['original axial', { ...HEAD, imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL', 'CT_SOM5 SPI'] }, 'qER'],
  ['derived primary', { ...HEAD, imageType: ['DERIVED', 'PRIMARY', 'AXIAL'] }, 'qER'],
  ['derived secondary axial', { ...HEAD, imageType: ['DERIVED', 'SECONDARY', 'AXIAL'] }, 'qER'],
  ['derived MPR', { ...HEAD, imageType: ['DERIVED', 'SECONDARY', 'MPR'] }, 'reformatted'],
  [
    'derived MPR of a workstation',
    { ...HEAD, imageType: ['DERIVED', 'SECONDARY', 'OTHER', 'CSA MPR'] },
    'reformatted',
  ],
  [
    'reformatted, axial by description',
    { ...HEAD, seriesDescription: 'AX 5MM', imageType: ['DERIVED', 'SECONDARY', 'REFORMATTED', 'AVERAGE'] },
    'qER',
  ],
  [
    'axial MIP',
    { ...HEAD, seriesDescription: 'AX MIP', imageType: ['DERIVED', 'SECONDARY', 'AXIAL', 'MIP'] },
    'reformatted',
  ],
  ['rendering', { ...HEAD, imageType: ['DERIVED', 'SECONDARY', 'VRT'] }, 'reformatted'],
  ['original with an MPR mark', { ...HEAD, imageType: ['ORIGINAL', 'PRIMARY', 'MPR'] }, 'qER'],
];

test.each(ROWS)('%s', (_name, header, expected) => {
  expect(outcomeOf(header)).toBe(expected);
});

const SAMPLES = new URL('../../../../shared/dicom-samples/expected.json', import.meta.url);

test.skipIf(!existsSync(SAMPLES))('every real sample is routed or skipped for what it is', () => {
  const samples: Record<string, Record<string, unknown>> = JSON.parse(readFileSync(SAMPLES, 'utf8'));
  const names = ['modality', 'sopClassUid', 'bodyPartExamined', 'imageType'] as const;
  const outcomes = Object.values(samples).map((sample) => {
    const header = Object.fromEntries(names.flatMap((name) => (sample[name] ? [[name, sample[name]]] : [])));
    return `${sample.modality ?? '-'} ${sample.bodyPartExamined ?? '-'}: ${outcomeOf(header)}`;
  });
  expect(outcomes).toContain('CT HEAD: qER');
  expect(outcomes).toContain('CR CHEST: qXR');
  expect(outcomes).toContain('CR CSPINE: qMSK');
  expect(
    outcomes.filter((line) => /^(?:SR|SEG|RT)/.test(line)).every((line) => line.endsWith('non_image')),
  ).toBe(true);
  expect(outcomes.filter((line) => /^(?:MR|NM|OT)/.test(line)).some((line) => / q[A-Z]/.test(line))).toBe(
    false,
  );
});

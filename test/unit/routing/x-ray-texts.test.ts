import { expect, test } from 'vitest';
import { outcomeOf } from './headers.ts';

/** Modality, Body Part Examined, series description, study description, view position, and what becomes of it. */
type Row = [modality: string, body: string, series: string, study: string, view: string, expected: string];

const ROWS: Row[] = [
  ['CR', 'CHEST', '', '', '', 'qXR'],
  ['DX', 'CHEST', '', '', 'PA', 'qXR'],
  ['DX', 'Thorax', '', '', '', 'qXR'],
  ['RG', 'CHEST', '', '', '', 'qXR'],
  ['DR', 'CHEST', '', '', '', 'qXR'],
  ['cr ', 'chest', '', '', '', 'qXR'],
  ['CR', '', 'CHEST PA', '', '', 'qXR'],
  ['CR', '', 'W033 Chest PA', '', '', 'qXR'],
  ['CR', '', 'Thorax AP', '', '', 'qXR'],
  ['CR', '', '', 'RX TORAX', '', 'qXR'],
  ['CR', '', '', 'RX DE TÓRAX PA Y LATERAL', '', 'qXR'],
  ['DX', '', '', 'XR CHEST 2 VW', '', 'qXR'],
  ['DX', '', '', 'CXR portable', '', 'qXR'],
  ['DX', '', 'THORAX FACE', '', '', 'qXR'],
  ['DX', '', 'Röntgenthorax', '', '', 'qXR'],
  ['DX', '', '', 'Rö-Thorax in 2 Ebenen', '', 'qXR'],
  ['DX', '', '', 'RTG klatki piersiowej', '', 'qXR'],
  ['DX', '', '', 'PA AC GRAFİSİ AKCİĞER', '', 'qXR'],
  ['DX', '', '', 'Рентгенография ОГК', '', 'qXR'],
  ['DX', '', '', '胸部正位', '', 'qXR'],
  ['DX', '', '', '흉부 PA', '', 'qXR'],
  ['DX', '', '', 'Xquang tim phổi', '', 'qXR'],
  ['DX', '', '', 'FOTO DADA', '', 'qXR'],
  ['DX', '', '', '', 'CHEST PA', 'qXR'],
  ['DX', '', 'CHEST TUBE CHECK', '', '', 'qXR'],
  ['DX', 'HEART', '', '', '', 'qXR'],
  ['DX', 'CHESTABDOMEN', '', '', '', 'qXR'],
  ['DX', '', '', 'RIBS WITH CHEST PA', '', 'qXR'],
  ['DX', 'HAND', '', '', '', 'qMSK'],
  ['CR', 'CSPINE', '', '', '', 'qMSK'],
  ['CR', 'SKULL', '', '', '', 'qMSK'],
  ['CR', '', 'HAND PA', '', 'PA', 'qMSK'],
  ['CR', '', 'Handgelenk dp', '', '', 'qMSK'],
  ['CR', '', '', 'RX MANO DERECHA', 'PA', 'qMSK'],
  ['CR', '', 'MAIN DROITE', '', 'PA', 'qMSK'],
  ['DX', '', '', 'XR THORACIC SPINE', '', 'qMSK'],
  ['DX', '', 'T-SPINE LAT', '', '', 'qMSK'],
  ['DX', '', 'BWS seitlich', '', '', 'qMSK'],
  ['DX', '', '', 'DORSAL SPINE AP', '', 'qMSK'],
  ['DX', '', '', 'COLUMNA DORSAL', '', 'qMSK'],
  ['DX', '', 'RIBS LEFT', 'XR CHEST', '', 'qMSK'],
  ['DX', 'CHEST', 'Ribs oblique', '', '', 'qMSK'],
  ['DX', 'RIB', '', 'CHEST', '', 'qMSK'],
  ['DX', '', '', 'GRIL COSTAL', '', 'qMSK'],
  ['DX', 'ABDOMEN', '', '', '', 'qMSK'],
  ['DX', '', 'KUB', '', '', 'qMSK'],
  ['DX', '', 'KUB SCOUT', '', '', 'qMSK'],
  ['CR', '', 'SCANOGRAM LOWER LIMB', '', '', 'qMSK'],
  ['DX', '', '', 'FEMORAL HEAD', '', 'qMSK'],
  ['DX', 'CLAVICLE', '', 'CHEST', '', 'qMSK'],
  ['DX', '', '膝関節', '', '', 'qMSK'],
  ['DX', '', '', '胸椎', 'PA', 'qMSK'],
  ['CR', 'BREAST', '', '', 'MLO', 'unsupported_modality'],
  ['CR', '', '', 'Mammographie bds', 'CC', 'unsupported_modality'],
  ['CR', 'BREAST', 'CHEST PA', '', '', 'qXR'],
  ['CR', '', '', 'BREAST CLINIC', '', 'qMSK'],
  // Nothing names a part: Qure tells its X-ray products apart by itself, so the X-ray goes.
  ['CR', '', '', '', '', 'qMSK'],
  ['DX', '', '', '', 'AP', 'qMSK'],
  ['DX', '', '', '', 'PA', 'qXR'],
  // Dental and other images.
  ['PX', 'JAW', '', '', '', 'unsupported_modality'],
  ['IO', '', '', '', '', 'unsupported_modality'],
  ['RF', 'CHEST', '', '', '', 'unsupported_modality'],
  ['XA', 'CHEST', '', '', '', 'unsupported_modality'],
  ['MG', 'BREAST', '', '', '', 'unsupported_modality'],
];

test.each(
  ROWS.map((row) => ({
    name: row
      .slice(0, 5)
      .map((text) => text || '-')
      .join(' | '),
    row,
  })),
)('$name', ({ row: [modality, body, series, study, view, expected] }) => {
  const texts = {
    bodyPartExamined: body,
    seriesDescription: series,
    studyDescription: study,
    viewPosition: view,
  };
  const filled = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
  expect(outcomeOf({ modality, ...filled })).toBe(expected);
});

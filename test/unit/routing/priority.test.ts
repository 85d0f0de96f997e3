import type { DicomHeader } from '@qure-dropoff/dicom';
import { describe, expect, test } from 'vitest';
import { type RoutingSource, routeSeries } from '../../../functions/completion/route-series.ts';
import type { Priority } from '../../../functions/routing/priority.ts';
import { type RuleOutcome, routingRule } from '../../../functions/routing/rules.ts';
import { BY_RULES, instance, instances } from './headers.ts';

const HEAD: Partial<DicomHeader> = { modality: 'CT', bodyPartExamined: 'HEAD' };
const CHEST: Partial<DicomHeader> = { modality: 'CT', bodyPartExamined: 'CHEST' };

function priorityOf(header: Partial<DicomHeader>, source: RoutingSource = BY_RULES): Priority | 'skipped' {
  const route = routeSeries([instance(header)], source);
  return route.kind === 'skip' ? 'skipped' : (route.priority ?? 'routine');
}

describe('the default rules', () => {
  test.each<[string, Partial<DicomHeader>, Priority | 'skipped']>([
    ['nothing but a head', HEAD, 'routine'],
    ['a stroke in the study description', { ...HEAD, studyDescription: 'CT Code Stroke' }, 'urgent'],
    ['a stroke in the protocol', { ...HEAD, protocolName: 'Stroke_Nativ' }, 'urgent'],
    ['a trauma in the series description', { ...HEAD, seriesDescription: 'Head Trauma 5.0' }, 'urgent'],
    ['the emergency department', { ...HEAD, studyDescription: 'ED CT HEAD WO' }, 'urgent'],
    ['a part of another word', { ...HEAD, studyDescription: 'CT HEAD REFERRED BY GP' }, 'routine'],
    ['German', { ...HEAD, studyDescription: 'CCT nativ, V.a. Schlaganfall' }, 'urgent'],
    ['French', { ...HEAD, studyDescription: 'TDM cérébral AVC' }, 'urgent'],
    ['Spanish', { ...HEAD, studyDescription: 'TC CRANEO URGENCIAS' }, 'urgent'],
    ['Russian', { ...HEAD, studyDescription: 'КТ головы, инсульт' }, 'urgent'],
    ['Chinese', { ...HEAD, studyDescription: '头颅平扫 脑卒中' }, 'urgent'],
    ['Japanese', { ...HEAD, studyDescription: '頭部CT 救急' }, 'urgent'],
    ['the head only by its text', { modality: 'CT', studyDescription: 'CT BRAIN STROKE' }, 'urgent'],
    ['a word that is taken back', { ...HEAD, studyDescription: 'CT HEAD NON-URGENT' }, 'routine'],
    ['a check of an old stroke', { ...HEAD, studyDescription: 'Stroke follow-up' }, 'routine'],
    ['a chest', { ...CHEST, studyDescription: 'TRAUMA' }, 'routine'],
    ['an X-ray', { modality: 'DX', bodyPartExamined: 'SKULL', studyDescription: 'TRAUMA' }, 'routine'],
    ['an angiography', { ...HEAD, seriesDescription: 'CTA STROKE' }, 'skipped'],
  ])('%s', (_name, header, expected) => {
    expect(priorityOf(header)).toBe(expected);
  });
});

describe('who says it', () => {
  const STROKE = { ...HEAD, studyDescription: 'STROKE' };
  const own = (outcome: RuleOutcome) => [routingRule('own', { modality: ['CT'] }, outcome)];
  test.each<[string, Partial<RoutingSource>, Partial<DicomHeader>, Priority]>([
    ['a rule', { rules: own({ product: 'qER', priority: 'urgent' }) }, HEAD, 'urgent'],
    ['a rule that says nothing', { rules: own({ product: 'qER' }) }, STROKE, 'routine'],
    ['the source', { priority: 'urgent' }, HEAD, 'urgent'],
    ['the source, of every product', { priority: 'urgent' }, CHEST, 'urgent'],
    ['the source, with a forced product', { priority: 'urgent', product: 'qCT' }, HEAD, 'urgent'],
    ['a forced product alone', { product: 'qER' }, STROKE, 'routine'],
    ['the source for a silent rule', { priority: 'urgent', rules: own({ product: 'qCT' }) }, HEAD, 'urgent'],
    [
      'a rule before the source',
      { priority: 'urgent', rules: own({ product: 'qER', priority: 'routine' }) },
      STROKE,
      'routine',
    ],
    ['an archive before the default rules', { priority: 'routine' }, STROKE, 'routine'],
    [
      'a rule of its own before an archive',
      { priority: 'routine', rules: own({ product: 'qER', priority: 'urgent' }) },
      HEAD,
      'urgent',
    ],
  ])('%s', (_name, source, header, expected) => {
    expect(priorityOf(header, { ...BY_RULES, ...source })).toBe(expected);
  });
});

describe('a series of several kinds of instances', () => {
  const urgent = { ...HEAD, seriesDescription: 'STROKE' };
  test.each([
    ['one of many is enough', [...instances(9, HEAD), instance(urgent, 10)], 'urgent'],
    ['in any order', [instance(urgent, 10), ...instances(9, HEAD)], 'urgent'],
    ['not one that goes to another product', [...instances(9, CHEST), instance(urgent, 10)], undefined],
  ])('%s', (_name, held, expected) => {
    const route = routeSeries(held, BY_RULES);
    expect(route.kind === 'product' ? route.priority : 'skipped').toBe(expected);
  });
});

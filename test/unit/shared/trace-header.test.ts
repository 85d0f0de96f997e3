import { describe, expect, test } from 'vitest';
import { checkedTraceHeader, traceIdOf, withoutLineage } from '../../../functions/shared/trace-header.ts';

const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793';
const PARENT = 'Parent=53995c3f42cd8ad8';
const LINEAGE = 'Lineage=1:6a1b2c3d:4|a87bd80c:1';

describe('checkedTraceHeader', () => {
  test.each([
    [
      'a whole one, as it is',
      `${ROOT};${PARENT};Sampled=1;${LINEAGE}`,
      `${ROOT};${PARENT};Sampled=1;${LINEAGE}`,
    ],
    ['a root alone', ROOT, ROOT],
    ['spaces', ` ${ROOT} ; Sampled=0 `, `${ROOT};Sampled=0`],
    ['an unknown field', `${ROOT};User=Hans`, ROOT],
    ['a field of the prototype', `${ROOT};constructor=1`, ROOT],
    ['a field with a line break', `${ROOT};Parent=53995c3f\r\n42cd8ad`, ROOT],
    ['a field twice', `${ROOT};Sampled=1;Sampled=0`, `${ROOT};Sampled=1`],
    ['an odd sampling', `${ROOT};Sampled=yes`, ROOT],
    ['a lineage without end', `${ROOT};Lineage=${'a'.repeat(256)}`, ROOT],
    ['no root', `${PARENT};Sampled=1`, undefined],
    ['a short root', 'Root=1-5759e988-bd862e3fe1be46a9', undefined],
    ['a root of other characters', 'Root=1-5759e988-Müller^Hans1be46a994272793', undefined],
    ['nothing', '', undefined],
    ['no header', undefined, undefined],
  ])('%s', (_name, header, expected) => {
    expect(checkedTraceHeader(header)).toBe(expected);
  });
});

test.each([
  ['at the end', `${ROOT};${PARENT};${LINEAGE}`, `${ROOT};${PARENT}`],
  ['at the beginning', `${LINEAGE};${ROOT}`, ROOT],
  ['nowhere', `${ROOT};Sampled=1`, `${ROOT};Sampled=1`],
  ['without a root', LINEAGE, undefined],
  ['of no header', undefined, undefined],
])('withoutLineage: %s', (_name, header, expected) => {
  expect(withoutLineage(header)).toBe(expected);
});

test('the trace id is the root, where that is one', () => {
  expect(traceIdOf(`${ROOT};${PARENT}`)).toBe('1-5759e988-bd862e3fe1be46a994272793');
  expect(traceIdOf('Root=nonsense')).toBeUndefined();
  expect(traceIdOf(undefined)).toBeUndefined();
});

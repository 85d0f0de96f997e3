import { describe, expect, it, test } from 'vitest';
import { PRODUCTS } from '../../../functions/qure/product.ts';
import { EVENT_SCHEMAS, eventDetailOpenApiSchema } from '../../../functions/series/event-schemas.ts';
import { DETAIL_TYPES } from '../../../functions/shared/detail-types.ts';
import { exampleOf, mistakesOfEvent, validatorOf } from '../../support/published-events.ts';

/** What an event has only where Qure says it. */
const OPTIONAL = ['triageStatus', 'usecase', 'modelVersion', 'findings', 'presentFindings'];

describe.each(DETAIL_TYPES)('the schema of %s', (detailType) => {
  const validate = validatorOf(EVENT_SCHEMAS[detailType]);

  it('takes its own example', () => {
    expect(mistakesOfEvent({ detailType, detail: exampleOf(detailType) })).toEqual([]);
  });

  it('explains every member', () => {
    const properties = EVENT_SCHEMAS[detailType].properties as Record<string, { description?: string }>;
    for (const [name, { description }] of Object.entries(properties))
      expect(description, name).toMatch(/\.$/);
  });

  it('is open for consumers: a later version may say more', () => {
    expect(validate({ ...exampleOf(detailType), laterMember: { any: 'thing' } })).toBe(true);
    expect(validate({ ...exampleOf(detailType), reason: 'later_reason' })).toBe(true);
  });

  it('is closed for ourselves', () => {
    const detail = { ...exampleOf(detailType), patientName: 'DOE^JANE' };
    expect(mistakesOfEvent({ detailType, detail })).toEqual([
      `${detailType} must NOT have additional properties {"additionalProperty":"patientName"}`,
    ]);
  });

  it.each(Object.keys(exampleOf(detailType)).filter((name) => !OPTIONAL.includes(name)))(
    'needs %s',
    (name) => {
      const { [name]: _missing, ...rest } = exampleOf(detailType);
      expect(validate(rest)).toBe(false);
    },
  );
});

describe('what a member may hold', () => {
  const done = exampleOf('Series Done');

  test.each([
    { name: 'no triage status', change: { triageStatus: undefined }, isTaken: true },
    { name: 'a triage status of another kind', change: { triageStatus: 'urgent' }, isTaken: false },
    { name: 'the state of another detail type', change: { state: 'FAILED' }, isTaken: false },
    { name: 'a generation before the first', change: { generation: 0 }, isTaken: false },
    { name: 'a UID that is a name', change: { seriesInstanceUid: 'DOE^JANE' }, isTaken: false },
    { name: 'a UID of 65 characters', change: { studyInstanceUid: '1'.repeat(65) }, isTaken: false },
    { name: 'a time in another zone', change: { at: '2026-11-24T05:56:21.017+05:30' }, isTaken: false },
    { name: 'a date that there is not', change: { at: '2026-13-24T00:26:21.017Z' }, isTaken: false },
    { name: '500 keys', change: { resultKeys: Array(500).fill('k') }, isTaken: true },
    { name: '501 keys', change: { resultKeys: Array(501).fill('k') }, isTaken: false },
    { name: 'another version', change: { version: '2' }, isTaken: false },
  ])('$name', ({ change, isTaken }) => {
    expect(mistakesOfEvent({ detailType: 'Series Done', detail: { ...done, ...change } })).toHaveLength(
      isTaken ? 0 : 1,
    );
  });

  test.each(PRODUCTS)('the product %s', (product) => {
    expect(mistakesOfEvent({ detailType: 'Series Done', detail: { ...done, product } })).toEqual([]);
  });

  test('no source, of an object below no prefix', () => {
    const detail = { ...exampleOf('Object Quarantined'), source: null, reason: 'no_source' };
    expect(mistakesOfEvent({ detailType: 'Object Quarantined', detail })).toEqual([]);
  });

  test('an event of no known detail type', () => {
    expect(mistakesOfEvent({ detailType: 'Series Held Back', detail: done })).toEqual([
      'no schema for the detail type "Series Held Back"',
    ]);
  });
});

describe.each(DETAIL_TYPES)('the OpenAPI 3.0 schema of %s', (detailType) => {
  const schema = eventDetailOpenApiSchema(detailType);

  it('knows no keyword that OpenAPI 3.0 lacks', () => {
    expect(JSON.stringify(schema)).not.toMatch(/"(\$schema|\$id|const|examples)":|"type":\[/);
  });

  it('has the same members, the same of them required', () => {
    const { properties, required } = EVENT_SCHEMAS[detailType];
    expect(Object.keys(schema.properties as object)).toEqual(Object.keys(properties as object));
    expect(schema.required).toEqual(required);
  });
});

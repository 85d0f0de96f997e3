import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it, test } from 'vitest';
import { DETAIL_TYPES } from '../../../functions/shared/detail-types.ts';
import { openApiDocument } from '../../../infra/constructs/event-schemas.ts';
import { enveloped, exampleOf } from '../../support/published-events.ts';
import { synthesize } from './synthesized-template.ts';

const template = synthesize({ schemaRegistry: true });
const [, registry] = template.one('AWS::EventSchemas::Registry', 'Dropoff');

/** The largest content of a schema. Source: Amazon EventBridge Schemas API reference, CreateSchema. */
const MAX_CONTENT_LENGTH = 100_000;

describe('the schema registry', () => {
  it('has the name of the app, so that two deployments do not collide', () => {
    expect(registry.Properties.RegistryName).toBe('qure-dropoff');
    const other = synthesize({ appName: 'scans-b', schemaRegistry: true });
    expect(other.one('AWS::EventSchemas::Registry', 'Dropoff')[1].Properties.RegistryName).toBe('scans-b');
  });

  it('holds a schema for each detail type, named as EventBridge names them', () => {
    const names = template
      .ofType('AWS::EventSchemas::Schema')
      .map(([, { Properties }]) => Properties.SchemaName);
    expect(names.toSorted()).toEqual(
      [
        'qure-dropoff@ModelVersionChanged',
        'qure-dropoff@ObjectQuarantined',
        'qure-dropoff@SeriesComplete',
        'qure-dropoff@SeriesComputing',
        'qure-dropoff@SeriesDone',
        'qure-dropoff@SeriesFailed',
        'qure-dropoff@SeriesSkipped',
        'qure-dropoff@SeriesSuperseded',
        'qure-dropoff@SeriesUnsupported',
      ].toSorted(),
    );
  });

  test.each(template.ofType('AWS::EventSchemas::Schema'))(
    '%s is within its limits',
    (_id, { Properties }) => {
      expect(Properties.Type).toBe('OpenApi3');
      expect(String(Properties.Content).length).toBeLessThan(MAX_CONTENT_LENGTH);
      expect(Properties.SchemaName).toMatch(/^[\w.@-]{1,385}$/);
    },
  );

  it('is not made with schemaRegistry: false', () => {
    const without = synthesize({ schemaRegistry: false });
    expect(
      Object.values(without.resources).filter(({ Type }) => Type.startsWith('AWS::EventSchemas')),
    ).toEqual([]);
  });
});

describe.each(DETAIL_TYPES)('the document of %s', (detailType) => {
  const document = openApiDocument(detailType);
  // OpenAPI's own keywords (`example`, `x-…`, `nullable`) are none of JSON Schema's.
  const ajv = new Ajv.default({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');
  const validate = ajv.getSchema('document#/components/schemas/AWSEvent');

  it('names the source of the event', () => {
    expect(document.components.schemas.AWSEvent).toMatchObject({
      'x-amazon-events-source': 'qure-dropoff',
      'x-amazon-events-detail-type': detailType,
    });
  });

  it('accepts the example in its envelope', () => {
    expect(validate?.(enveloped(detailType, exampleOf(detailType))), JSON.stringify(validate?.errors)).toBe(
      true,
    );
  });

  it('refuses an event without a detail, or without an id in its detail', () => {
    const { eventId: _void, ...rest } = exampleOf(detailType);
    const { detail: _none, ...envelope } = enveloped(detailType, rest);
    expect(validate?.(envelope)).toBe(false);
    expect(validate?.(enveloped(detailType, rest))).toBe(false);
  });
});

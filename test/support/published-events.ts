import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { EVENT_SCHEMAS, type JsonSchema } from '../../functions/series/event-schemas.ts';
import { EVENT_SOURCE } from '../../functions/series/events.ts';
import { DETAIL_TYPES, type DetailType } from '../../functions/shared/detail-types.ts';

const ajv = new Ajv2020({ allErrors: true, strictTypes: true });
addFormats.default(ajv);

/** A validator that shares nothing with the one that the schemas are written with. */
export function validatorOf(schema: JsonSchema): ValidateFunction {
  return ajv.compile(schema);
}

/** Published schemas are open for consumers; what we publish ourselves has to be in them to the last member. */
const CLOSED = new Map<string, ValidateFunction>(
  DETAIL_TYPES.map((type) => {
    const { $id: _id, ...schema } = EVENT_SCHEMAS[type];
    return [type, validatorOf({ ...schema, additionalProperties: false })];
  }),
);

/** What is wrong with an event that the pipeline publishes; empty for a sound one. */
export function mistakesOfEvent({ detailType, detail }: { detailType: string; detail: unknown }): string[] {
  const validate = CLOSED.get(detailType);
  if (validate === undefined) return [`no schema for the detail type "${detailType}"`];
  // As EventBridge carries it: what JSON leaves out is not there.
  if (validate(JSON.parse(JSON.stringify(detail)))) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${detailType}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The detail of an event of this kind, as its schema shows one. */
export function exampleOf(detailType: DetailType): Record<string, unknown> {
  const [example] = EVENT_SCHEMAS[detailType].examples as Record<string, unknown>[];
  if (example === undefined) throw new Error(`Expected an example of ${detailType}, got none.`);
  return example;
}

/** A detail in the envelope in which EventBridge delivers it. */
export function enveloped<Detail>(detailType: DetailType, detail: Detail) {
  return {
    version: '0',
    id: '945e5ea7-4ebd-45cb-b514-1d22df6a4fd6',
    'detail-type': detailType,
    source: EVENT_SOURCE,
    account: '111122223333',
    time: '2026-11-24T00:26:21Z',
    region: 'eu-central-1',
    resources: [],
    detail,
  };
}

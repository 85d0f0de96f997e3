/** What the parts of the OpenAPI document share. */

export const limitParameter = {
  name: 'limit',
  in: 'query',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
};

export const json = (schema: object) => ({ 'application/json': { schema } });
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const problemAnswer = {
  description: 'Why not (RFC 9457)',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
export const answers = (status: string, description: string, schema: object) => ({
  [status]: { description, content: json(schema) },
  default: problemAnswer,
});

export const text = { type: 'string' };
export const instant = { type: 'string', format: 'date-time' };
export const amount = { type: 'integer', minimum: 0 };

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import openApiDocument from '../../schemas/openapi.json' with { type: 'json' };

interface Media {
  content: Readonly<Record<string, { schema: object }>>;
}
interface Referred {
  $ref: string;
}

export interface Operation {
  operationId: string;
  parameters?: readonly { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: Media & { required?: boolean };
  /** By status; `default` is any other one. */
  responses: Readonly<Record<string, Media | Referred>>;
}

export interface DescribedOperation extends Operation {
  method: string;
  path: string;
}

const PATHS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = openApiDocument.paths;

/** Every operation of the published document. */
export const DESCRIBED: readonly DescribedOperation[] = Object.entries(PATHS).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
  })),
);

/** The operation that the document has for a request. A path without parameters goes before one with. */
export function describedFor(method: string, path: string): DescribedOperation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return DESCRIBED.filter((one) => matches(one.path, path))
    .toSorted((one, other) => one.path.split('{').length - other.path.split('{').length)
    .slice(0, 1)
    .find((one) => one.method === wanted);
}

function matches(template: string, path: string): boolean {
  const expected = template.split('/');
  const got = path.split('/');
  return (
    expected.length === got.length && expected.every((part, at) => part.startsWith('{') || part === got[at])
  );
}

const ajv = new Ajv2020({ allErrors: true, strictTypes: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addSchema({ $id: 'urn:qure-dropoff:api', $defs: inApi(closed(openApiDocument.components.schemas)) });

/**
 * What is wrong with an answer by the document; empty for a sound one. The document is open for those who read answers;
 * what the server sends has to be in it to the last member.
 */
export function mistakesOfAnswer(
  operation: Operation | undefined,
  answer: { status: number; type: string; body: unknown },
): string[] {
  // A request that no operation is for gets a problem like any other.
  const responses = operation?.responses ?? { default: { $ref: '#/components/responses/Problem' } };
  const found = responses[answer.status] ?? responses['default'];
  if (found === undefined) return [`no answer with the status ${answer.status}`];
  const { content } = '$ref' in found ? (at(found.$ref) as Media) : found;
  const media = content[answer.type];
  if (media === undefined) return [`no answer ${answer.status} of the type ${answer.type}`];
  return mistakesBy(validatorOf(media.schema), answer.body);
}

/** What is wrong with a body of a request by the document; empty for a sound one. */
export function mistakesOfBody({ requestBody }: Operation, body: unknown): string[] {
  return Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
    mistakesBy(validatorOf(schema), body),
  );
}

const validators = new Map<object, ValidateFunction>();

function validatorOf(schema: object): ValidateFunction {
  const validate = validators.get(schema) ?? ajv.compile(inApi(schema));
  validators.set(schema, validate);
  return validate;
}

/** With what it refers to in the schema that ajv knows. */
function inApi(schema: unknown): object {
  const text = JSON.stringify(schema).replaceAll('"#/components/schemas/', '"urn:qure-dropoff:api#/$defs/');
  return JSON.parse(text) as object;
}

function mistakesBy(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function at(ref: string): unknown {
  return ref
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], openApiDocument);
}

/** Every object of a schema that names its members has no other ones. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, closed(part)]);
  const isObject = 'type' in value && value.type === 'object' && !('additionalProperties' in value);
  return { ...Object.fromEntries(entries), ...(isObject ? { additionalProperties: false } : {}) };
}

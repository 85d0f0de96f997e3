import * as z from '../shared/schema.ts';
import { VERSION } from '../shared/version.ts';
import { ANSWERS, type AnswerName } from './answers.ts';
import { OPERATIONS, type Operation, type OperationId } from './requests.ts';

interface Description {
  summary: string;
  description?: string;
  /** When all goes well. */
  answer: AnswerName;
  /** Statuses of problems that say something of this operation, besides 400 where it takes something. */
  problems?: readonly number[];
}

const DESCRIPTIONS = {
  getHealth: { summary: 'Whether the pipeline is well, and which sources are stopped', answer: 'Health' },
  getDescription: { summary: 'This document', answer: 'Description' },
  getMe: { summary: 'Who the caller is, and what he may read and act on', answer: 'Me' },
  listSources: {
    summary: 'What each source has in work, what of its limits is used, and whether it is stopped',
    answer: 'Sources',
    problems: [404],
  },
  getTurnaround: {
    summary: 'How long results took: median and 95th percentile of each stage, for at most a day',
    description: 'Of the 1,000 series whose results were stored last, at most.',
    answer: 'Turnaround',
    problems: [404],
  },
  getCosts: {
    summary: 'The cost of the month so far, from what AWS counts free of charge',
    description:
      'At list prices of one region. It is no bill: `missing` says what nothing counts. 404 on one machine, which has no bill.',
    answer: 'MonthCost',
    problems: [404],
  },
  listStudies: {
    summary: 'Studies by the last change of their series',
    description:
      'A filter lists the studies that have a series of it. Filters that no index serves are asked of at most 6,000 series a page: with a cursor, read on.',
    answer: 'StudyPage',
  },
  listSeries: {
    summary: 'Series by their last change',
    description:
      'Filters that no index serves (product, usecase, triage, finding) are asked of at most 1,000 series a page: with a cursor, read on.',
    answer: 'SeriesPage',
  },
  countSeries: {
    summary: 'How many series each state has',
    description: 'Of each state some 10,000 are counted.',
    answer: 'SeriesCounts',
  },
  retryMany: {
    summary: 'Try every failed series of a reason or a source again',
    answer: 'BulkRetry',
    problems: [404],
  },
  getSeries: {
    summary: 'One series, and what people have done with it',
    answer: 'SeriesDetail',
    problems: [404, 409],
  },
  getResults: {
    summary: 'Result JSON, and links to the assets that expire after 15 minutes',
    answer: 'Results',
    problems: [404, 409],
  },
  listArrivals: {
    summary: 'When each instance of a series came',
    description: 'What a wait that is learned is judged by. Empty where the rows have expired.',
    answer: 'Arrivals',
    problems: [404, 409],
  },
  retrySeries: {
    summary: 'Try a final series again',
    description:
      'A plain retry goes on with the same generation. `recompute`, or another `product`, begins a new one.',
    answer: 'Series',
    problems: [404, 409],
  },
  showPatient: {
    summary: 'Name and ID of the patient of one series, where the deployment shows them',
    description: 'Each time is an action. 404 also where the deployment shows none, or none is kept.',
    answer: 'Patient',
    problems: [404, 409],
  },
  makeUploadLinks: {
    summary: 'Links for uploads of one source, each for one file and until they expire',
    answer: 'UploadLinks',
    problems: [404],
  },
  listDeadLetters: { summary: 'Dead letters, newest first', answer: 'DeadLetters' },
  redriveDeadLetters: { summary: 'Send dead letters back to their queues', answer: 'Redrive' },
  listActions: {
    summary:
      'What people have done: retries, redrives, upload links and patients that were shown, the newest first',
    description: 'At most 31 days are read for one page: with a cursor, read on.',
    answer: 'ActionPage',
  },
  listQuarantine: {
    summary: 'Dropped objects that could not be indexed, newest first',
    answer: 'QuarantinePage',
  },
  backtestRules: {
    summary: 'What another document of a source would have routed otherwise',
    description: 'By the rows of the instances. Nothing is changed.',
    answer: 'Backtest',
    problems: [404],
  },
} as const satisfies Record<OperationId, Description>;

/** What an operation answers when all goes well. */
export type AnswerOf<Id extends OperationId> = z.output<
  (typeof ANSWERS)[(typeof DESCRIPTIONS)[Id]['answer']]
>;

/** The HTTP API, the same locally and in the cloud, as `schemas/openapi.json` holds it for the function. */
export function openApiDocument() {
  const paths: Record<string, Record<string, object>> = {};
  for (const [id, { method, path }] of Object.entries(OPERATIONS)) {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(id as OperationId) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'qure-dropoff',
      version: VERSION,
      description: 'States and results of the scans that were dropped, retries, and links for uploads.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: 'http://127.0.0.1:4800', description: 'One machine: `--port`, without credentials' },
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com',
        description: 'In the cloud: the stack output `ApiUrl`, with signed requests',
        variables: { api: { default: 'id' }, region: { default: 'us-east-1' } },
      },
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com/console',
        description: 'In the cloud, for people who have signed in: without /openapi.json',
        variables: { api: { default: 'id' }, region: { default: 'us-east-1' } },
      },
    ],
    // Any is enough: the host on one machine takes none.
    security: [{ awsSignature: [] }, { signIn: [] }, {}],
    paths,
    components: {
      securitySchemes: {
        awsSignature: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          description: 'AWS Signature Version 4 for the service `execute-api`; IAM decides who may call.',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
        signIn: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'The token of a person who has signed in at the provider of the deployment; its roles decide.',
        },
      },
      schemas: namedSchemas(),
      responses: { Problem: response('Why not (RFC 9457)', 'application/problem+json', 'Problem') },
    },
  };
}

function operation(operationId: OperationId) {
  const { path, status, parameters, body, needs }: Operation = OPERATIONS[operationId];
  const { answer, problems = [], ...texts }: Description = DESCRIPTIONS[operationId];
  const takesSomething = parameters !== undefined || body !== undefined;
  return {
    operationId,
    ...texts,
    ...(parameters && { parameters: parametersIn(path, parameters) }),
    ...(body && { requestBody: requestBody(body) }),
    responses: {
      [status]: response(
        z.globalRegistry.get(ANSWERS[answer])?.description ?? answer,
        'application/json',
        answer,
      ),
      ...Object.fromEntries(
        [...(takesSomething ? [400] : []), ...(needs === 'nothing' ? [] : [403]), ...problems, 'default'].map(
          (code) => [code, { $ref: '#/components/responses/Problem' }],
        ),
      ),
    },
  };
}

function parametersIn(path: string, { shape }: z.ZodMiniObject) {
  return Object.entries(shape).map(([name, one]) => {
    const { description, ...schema } = jsonSchemaOf(one);
    const isInPath = path.includes(`{${name}}`);
    return {
      name,
      in: isInPath ? 'path' : 'query',
      ...(isInPath && { required: true }),
      ...(description !== undefined && { description }),
      // Comma-separated: API Gateway joins repeated parameters so, too.
      ...('items' in schema && { style: 'form', explode: false }),
      schema,
    };
  });
}

/** To be left out where nothing in it is required. */
function requestBody(schema: z.ZodMiniType) {
  const required = !schema.safeParse({}).success;
  return {
    description: 'Read as JSON, whatever its content type says',
    ...(required && { required }),
    content: { 'application/json': { schema: jsonSchemaOf(schema) } },
  };
}

const placeOf = (name: string) => `#/components/schemas/${name}`;

function response(description: string, type: string, name: AnswerName) {
  return { description, content: { [type]: { schema: { $ref: placeOf(name) } } } };
}

/** As what comes in: what goes out of zod would be closed. Readers of answers are to bear more members than they know. */
function jsonSchemaOf(schema: z.core.$ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** Each once, and by its name wherever it stands in another one. */
function namedSchemas() {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(ANSWERS)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { io: 'input', uri: placeOf });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _place, ...schema }]) => [name, schema]),
  );
}

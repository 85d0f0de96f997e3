import { PRODUCT_NAME_PATTERN, PRODUCTS } from '../core/product.ts';
import { SERIES_STATES } from '../core/series.ts';
import { VERSION } from '../version.ts';
import { deadLetterPaths, deadLetterSchemas } from './openapi-dead-letters.ts';
import { answers, instant, json, limitParameter, ref, text } from './openapi-parts.ts';
import { uploadPaths, uploadSchemas } from './openapi-uploads.ts';

const uidParameter = {
  name: 'uid',
  in: 'path',
  required: true,
  description: 'SeriesInstanceUID',
  schema: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)*$', maxLength: 64 },
};
const sourceParameter = {
  name: 'source',
  in: 'query',
  description: 'Needed where several sources hold a series of this UID',
  schema: { type: 'string' },
};
const cursorParameter = {
  name: 'cursor',
  in: 'query',
  description: 'From the page before',
  schema: { type: 'string' },
};

/** One that is built in, or one that the source defines. */
const productName = { type: 'string', pattern: PRODUCT_NAME_PATTERN.source, examples: PRODUCTS };

/** What Qure's answer says of itself, and what was found of the instances. */
const resultFacts = {
  usecase: text,
  modelVersion: text,
  unreadInstances: {
    type: 'integer',
    minimum: 1,
    description: 'X-rays: so many instances have no result, since Qure has not read them or refuses them.',
  },
  sameAsGeneration: { type: 'integer', minimum: 1 },
  replacedUnconfirmed: { type: 'integer', minimum: 1 },
  findings: {
    type: 'array',
    items: {
      type: 'object',
      required: ['key'],
      properties: { key: text, present: { type: 'boolean' }, score: { type: 'number' } },
    },
  },
  outsideIndication: { type: 'array', items: text },
  quality: {
    type: 'object',
    properties: {
      missing: { type: 'array', items: { type: 'integer' } },
      doubled: { type: 'array', items: { type: 'integer' } },
      gaps: { type: 'integer' },
      doubledPositions: { type: 'integer' },
      offPlane: { type: 'integer' },
      mixed: { type: 'array', items: { type: 'string', enum: ['matrix', 'orientation', 'kernel'] } },
      claimedInstances: { type: 'integer' },
    },
  },
} as const;

const page = (name: string) => ({
  type: 'object',
  required: ['items'],
  properties: { items: { type: 'array', items: ref(name) }, cursor: { type: 'string' } },
});

/** The HTTP API, the same locally and in the cloud. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'qure-dropoff',
    version: VERSION,
    description: 'States and results of the scans that were dropped, retries, and links for uploads.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  paths: {
    '/v1/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Whether the pipeline is well, and which sources are stopped',
        responses: answers('200', 'Health', ref('Health')),
      },
    },
    '/v1/series': {
      get: {
        operationId: 'listSeries',
        summary: 'Series, newest change first',
        parameters: [
          { name: 'state', in: 'query', schema: { type: 'string', enum: SERIES_STATES } },
          { name: 'source', in: 'query', schema: text },
          { name: 'study', in: 'query', description: 'StudyInstanceUID', schema: text },
          limitParameter,
          cursorParameter,
        ],
        responses: answers('200', 'A page of series', page('Series')),
      },
    },
    '/v1/series/{uid}': {
      get: {
        operationId: 'getSeries',
        summary: 'One series',
        parameters: [uidParameter, sourceParameter],
        responses: answers('200', 'The series', ref('Series')),
      },
    },
    '/v1/series/{uid}/results': {
      get: {
        operationId: 'getResults',
        summary: 'Result JSON, and links to the assets that expire after 15 minutes',
        parameters: [uidParameter, sourceParameter],
        responses: answers('200', 'The results', ref('Results')),
      },
    },
    '/v1/series/{uid}/retry': {
      post: {
        operationId: 'retrySeries',
        summary: 'Try a final series again',
        description:
          'A plain retry goes on with the same generation. `recompute`, or another `product`, begins a new one.',
        parameters: [uidParameter, sourceParameter],
        requestBody: {
          content: json({
            type: 'object',
            additionalProperties: false,
            properties: { recompute: { type: 'boolean' }, product: productName },
          }),
        },
        responses: answers('202', 'The series, on its way again', ref('Series')),
      },
    },
    ...uploadPaths,
    ...deadLetterPaths,
    '/v1/quarantine': {
      get: {
        operationId: 'listQuarantine',
        summary: 'Dropped objects that could not be indexed, newest first',
        parameters: [limitParameter, cursorParameter],
        responses: answers('200', 'A page of quarantined objects', page('QuarantinedObject')),
      },
    },
  },
  components: {
    schemas: {
      Series: {
        type: 'object',
        required: [
          'source',
          'studyInstanceUid',
          'seriesInstanceUid',
          'state',
          'generation',
          'instances',
          'resultKeys',
        ],
        properties: {
          source: text,
          studyInstanceUid: text,
          seriesInstanceUid: text,
          modality: text,
          product: productName,
          priority: { type: 'string', enum: ['urgent'] },
          state: { type: 'string', enum: SERIES_STATES },
          reason: text,
          detail: text,
          routedProduct: {
            type: 'string',
            description: 'The product that an X-ray was routed to, where Qure answered by another one.',
          },
          heldBack: {
            type: 'object',
            description: 'The series is whole and waits: its source has limits, and they are used up.',
            required: ['reason', 'since', 'until'],
            properties: {
              reason: { type: 'string', enum: ['concurrency', 'daily_budget'] },
              since: instant,
              until: instant,
            },
          },
          generation: { type: 'integer', minimum: 1 },
          instances: { type: 'integer', minimum: 0 },
          evidence: { type: 'string', enum: ['marker', 'count', 'quiet', 'max_wait'] },
          compute: ref('ComputeResponse'),
          triageStatus: { type: 'string', enum: ['critical', 'routine'] },
          isInvalidScan: { type: 'boolean' },
          ...resultFacts,
          resultKeys: { type: 'array', items: text },
          firstArrivalAt: instant,
          lastArrivalAt: instant,
          changedAt: instant,
        },
      },
      ComputeResponse: {
        type: 'object',
        required: ['httpStatus', 'message', 'success', 'authenticated', 'at'],
        properties: {
          httpStatus: { type: 'integer' },
          message: text,
          success: { type: 'boolean' },
          authenticated: { type: ['boolean', 'null'] },
          at: instant,
        },
      },
      Results: {
        type: 'object',
        required: [
          'source',
          'studyInstanceUid',
          'seriesInstanceUid',
          'generation',
          'state',
          'results',
          'assets',
        ],
        properties: {
          source: text,
          studyInstanceUid: text,
          seriesInstanceUid: text,
          generation: { type: 'integer' },
          state: { type: 'string', enum: SERIES_STATES },
          triageStatus: { type: 'string', enum: ['critical', 'routine'] },
          findings: ref('ResultDocument'),
          results: { type: 'array', items: ref('ResultDocument') },
          assets: { type: 'array', items: ref('Asset') },
        },
      },
      ResultDocument: {
        type: 'object',
        required: ['key', 'url', 'expiresAt'],
        properties: {
          key: text,
          url: { type: 'string', format: 'uri' },
          expiresAt: instant,
          sopInstanceUid: text,
          document: {
            description:
              "Qure's answer, or findings.json of its findings; left out where it is too large, then only by its link",
          },
        },
      },
      Asset: {
        type: 'object',
        required: ['key', 'url', 'expiresAt', 'type', 'index'],
        properties: {
          key: text,
          url: { type: 'string', format: 'uri' },
          expiresAt: instant,
          sopInstanceUid: text,
          type: text,
          index: { type: 'integer', minimum: 0 },
        },
      },
      QuarantinedObject: {
        type: 'object',
        required: ['id', 'key', 'reason', 'detail', 'at'],
        properties: {
          id: text,
          key: text,
          source: text,
          reason: text,
          detail: text,
          etag: text,
          sizeBytes: { type: 'integer' },
          at: instant,
        },
      },
      ...uploadSchemas,
      ...deadLetterSchemas,
      Health: {
        type: 'object',
        required: ['status', 'version', 'sources', 'brokenPrefixes'],
        properties: {
          status: { type: 'string', enum: ['ok', 'degraded'] },
          brokenPrefixes: {
            type: 'array',
            description: 'Prefixes of sources whose parameter has mistakes: what is dropped there waits',
            items: text,
          },
          version: text,
          sources: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: text, stopped: text, since: instant },
            },
          },
        },
      },
      Problem: {
        type: 'object',
        required: ['type', 'title', 'status', 'detail'],
        properties: { type: text, title: text, status: { type: 'integer' }, detail: text },
      },
    },
  },
} as const;

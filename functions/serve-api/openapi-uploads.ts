import { answers, instant, json, ref, text } from './openapi-parts.ts';

/** Links by which a sender without credentials of AWS puts scans into the drop bucket. */
export const uploadPaths = {
  '/v1/uploads': {
    post: {
      operationId: 'makeUploadLinks',
      summary: 'Links for uploads of one source, each for one file and until they expire',
      requestBody: {
        required: true,
        content: json({
          type: 'object',
          required: ['source', 'count'],
          additionalProperties: false,
          properties: {
            source: text,
            count: { type: 'integer', minimum: 1, maximum: 1000, description: 'How many files' },
            expiresInSeconds: { type: 'integer', minimum: 60, maximum: 3600, default: 900 },
            withMarker: {
              type: 'boolean',
              default: false,
              description: 'One link more: what is put there says that all files are there',
            },
          },
        }),
      },
      responses: answers('201', 'The links', ref('UploadLinks')),
    },
  },
} as const;

const link = {
  key: { ...text, description: 'In the drop bucket' },
  url: { type: 'string', format: 'uri' },
  method: { type: 'string', const: 'PUT' },
};

export const uploadSchemas = {
  UploadLinks: {
    type: 'object',
    required: ['uploads', 'expiresAt'],
    properties: {
      uploads: { type: 'array', items: ref('UploadLink') },
      marker: {
        type: 'object',
        description: 'To be put after all files',
        required: ['key', 'url', 'method', 'body'],
        properties: { ...link, body: { ...text, description: 'What to send' } },
      },
      expiresAt: instant,
    },
  },
  UploadLink: { type: 'object', required: ['key', 'url', 'method'], properties: link },
} as const;

import { DEAD_LETTER_CAUSES } from '../core/dead-letter-cause.ts';
import { amount, answers, instant, json, limitParameter, ref, text } from './openapi-parts.ts';

const stageParameter = { name: 'stage', in: 'query', description: 'For example `ingest`', schema: text };
const causeParameter = { name: 'cause', in: 'query', schema: { type: 'string', enum: DEAD_LETTER_CAUSES } };

/** Bringing many back at once: dead letters, and series of a reason or a source. */
export const deadLetterPaths = {
  '/v1/series/retry': {
    post: {
      operationId: 'retryMany',
      summary: 'Try every failed series of a reason or a source again',
      requestBody: {
        required: true,
        content: json({
          type: 'object',
          description: 'At least a reason or a source',
          anyOf: [{ required: ['reason'] }, { required: ['source'] }],
          additionalProperties: false,
          properties: {
            reason: text,
            source: text,
            state: { type: 'string', enum: ['FAILED', 'UNSUPPORTED'], default: 'FAILED' },
            recompute: { type: 'boolean' },
            limit: { type: 'integer', minimum: 1, maximum: 1000, default: 200 },
            cursor: text,
          },
        }),
      },
      responses: answers('202', 'How many are on their way again', ref('BulkRetry')),
    },
  },
  '/v1/dead-letters': {
    get: {
      operationId: 'listDeadLetters',
      summary: 'Messages that were given up, newest first',
      parameters: [stageParameter, causeParameter, limitParameter],
      responses: answers('200', 'Dead letters, and how many there are', ref('DeadLetters')),
    },
  },
  '/v1/dead-letters/redrive': {
    post: {
      operationId: 'redriveDeadLetters',
      summary: 'Send dead letters back to their queues',
      requestBody: {
        content: json({
          type: 'object',
          additionalProperties: false,
          properties: {
            stage: text,
            cause: { type: 'string', enum: DEAD_LETTER_CAUSES },
            limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000 },
            before: { ...instant, description: 'Only letters that were there by then; default: now' },
          },
        }),
      },
      responses: answers('202', 'How many were moved', ref('Redrive')),
    },
  },
} as const;

export const deadLetterSchemas = {
  BulkRetry: {
    type: 'object',
    required: ['retried', 'refused', 'failed', 'isComplete'],
    properties: {
      retried: amount,
      refused: amount,
      failed: amount,
      isComplete: { type: 'boolean' },
      cursor: { ...text, description: 'Goes on from here' },
    },
  },
  DeadLetters: {
    type: 'object',
    required: ['items', 'counts', 'isComplete'],
    properties: {
      items: { type: 'array', items: ref('DeadLetter') },
      counts: {
        type: 'array',
        items: {
          type: 'object',
          required: ['stage', 'cause', 'count'],
          properties: { stage: text, cause: text, count: amount },
        },
      },
      isComplete: { type: 'boolean', description: 'Every letter that was visible has been counted' },
    },
  },
  DeadLetter: {
    type: 'object',
    required: ['stage', 'cause', 'messageId'],
    properties: {
      stage: text,
      cause: text,
      messageId: text,
      failedAt: instant,
      receives: amount,
      source: text,
      seriesInstanceUid: text,
      objects: { ...amount, description: 'Of an ingest message: how many objects it tells of' },
    },
  },
  Redrive: {
    type: 'object',
    required: ['moved', 'refused', 'isComplete', 'leftEstimate', 'before'],
    properties: {
      moved: amount,
      refused: { ...amount, description: 'Not taken by their queue; dead letters still' },
      isComplete: { type: 'boolean', description: 'None that was asked for is known to be left' },
      leftEstimate: { ...amount, description: 'Of the stage, whatever the cause, as SQS counts' },
      before: instant,
    },
  },
} as const;

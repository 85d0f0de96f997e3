import type { WireRequest } from './wire-request.ts';
import type { Service } from './wire-rule.ts';

/** An answer as it is sent, whole. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const AWS_JSON = 'application/x-amz-json-1.0';

/**
 * What a caller gets that asks too often. Sources: Amazon DynamoDB Developer Guide, "Error handling"; Amazon S3 API
 * Reference, "Error responses"; Amazon SQS API Reference, "Common errors". Qure documents none: this is a usual proxy's 429.
 */
export function throttleAnswer(service: Service): WireAnswer {
  switch (service) {
    case 'dynamodb': {
      const type = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
      return json(400, {
        __type: type,
        message: 'The level of configured provisioned throughput was exceeded',
      });
    }
    case 'sqs':
      return json(400, { __type: 'com.amazonaws.sqs#RequestThrottled', message: 'Rate exceeded' });
    case 's3':
    case 'assets':
      return answer(503, 'application/xml', xmlError('SlowDown', 'Please reduce your request rate.'));
    case 'qure':
      return {
        ...answer(429, 'text/html', '<html><h1>Too many requests</h1></html>'),
        headers: { 'content-type': 'text/html', 'retry-after': '1' },
      };
    default:
      return service satisfies never;
  }
}

/** What stands before the service answers for it: a page for people, whatever the caller expects. */
export function outageAnswer(status: 500 | 502 | 503): WireAnswer {
  return answer(status, 'text/html', `<html><body><h1>${status}</h1><p>nginx</p></body></html>`);
}

/** Source: the API references of BatchWriteItem, BatchGetItem and DeleteMessageBatch, for a batch of which nothing was done. */
export function partialAnswer({ operation, body }: WireRequest): WireAnswer {
  const request = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  switch (operation) {
    case 'BatchWriteItem':
      return json(200, { UnprocessedItems: request['RequestItems'] });
    case 'BatchGetItem':
      return json(200, { Responses: {}, UnprocessedKeys: request['RequestItems'] });
    case 'DeleteMessageBatch': {
      const entries = request['Entries'] as { Id: string }[];
      const Failed = entries.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' }));
      return json(200, { Successful: [], Failed });
    }
    default:
      throw new Error(`a partial answer: expected an operation on a batch, got ${operation}`);
  }
}

function json(status: number, value: unknown): WireAnswer {
  return answer(status, AWS_JSON, JSON.stringify(value));
}

function xmlError(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

function answer(status: number, contentType: string, text: string): WireAnswer {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(text) };
}

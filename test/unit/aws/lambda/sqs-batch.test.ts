import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { workOnEach } from '../../../../functions/aws/lambda/sqs-batch.ts';
import type { LogFields } from '../../../../functions/shared/log.ts';
import * as z from '../../../../functions/shared/schema.ts';
import { World } from '../../../support/world/world.ts';

const schema = z.object({ number: z.int() });

/** A record as SQS hands it to Lambda. */
function record(messageId: string, body: string): SQSRecord {
  return {
    messageId,
    receiptHandle: `handle-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1772359200000',
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: '1772359200001',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:compute',
    awsRegion: 'us-east-1',
  };
}

const good = (n: number) => record(`id-${n}`, JSON.stringify({ number: n }));
const event = (...Records: SQSRecord[]): SQSEvent => ({ Records });
const failuresOf = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

let lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
const log = (level: string, message: string, fields?: LogFields) => {
  lines.push({ level, message, fields });
};
const deps = { ...new World().deps, log };
beforeEach(() => {
  lines = [];
});

describe('workOnEach', () => {
  it('acknowledges every processed message', async () => {
    const seen: number[] = [];
    const work = async ({ number }: { number: number }) => {
      seen.push(number);
    };
    expect(await workOnEach(event(good(1), good(2)), schema, work, deps)).toEqual(failuresOf());
    expect(seen).toEqual([1, 2]);
    expect(lines).toEqual([]);
  });

  it('reports only the failed message, and processes the rest', async () => {
    const seen: number[] = [];
    const work = async ({ number }: { number: number }) => {
      if (number === 2) throw new RangeError('siteA/Müller.dcm is odd');
      seen.push(number);
    };
    expect(await workOnEach(event(good(1), good(2), good(3)), schema, work, deps)).toEqual(
      failuresOf('id-2'),
    );
    expect(seen).toEqual([1, 3]);
    expect(lines).toEqual([
      {
        level: 'error',
        message: 'message failed; it comes again',
        fields: { messageId: 'id-2', cause: 'internal_error', error: 'RangeError' },
      },
    ]);
  });

  it('reports every message if all fail', async () => {
    const work = async () => Promise.reject(new Error('down'));
    expect(await workOnEach(event(good(1), good(2)), schema, work, deps)).toEqual(failuresOf('id-1', 'id-2'));
  });

  it.each([
    ['no JSON', 'not JSON, Müller'],
    ['another message', '{"text": "Müller"}'],
    ['a field of another kind', '{"number": "Müller"}'],
    ['nothing', ''],
  ])('reports a malformed message and never quotes it: %s', async (_name, body) => {
    let calls = 0;
    const work = async () => {
      calls += 1;
    };
    const answer = await workOnEach(event(record('bad', body), good(1)), schema, work, deps);
    expect(answer).toEqual(failuresOf('bad'));
    expect(calls).toBe(1);
    expect(lines).toMatchObject([{ fields: { messageId: 'bad', error: 'MalformedMessageError' } }]);
    expect(JSON.stringify(lines)).not.toContain('Müller');
  });

  it('logs the series of a message, if its body names one', async () => {
    const series = { source: 'ct-1', seriesInstanceUid: '1.2.3' };
    const work = async () => Promise.reject(new Error('down'));
    const body = JSON.stringify({ ...series, number: 1 });
    await workOnEach(event(record('id-1', body)), schema, work, deps);
    expect(lines).toMatchObject([{ fields: series }]);
  });

  it('logs the kind of a message, if its body names one', async () => {
    const work = async () => Promise.reject(new Error('down'));
    const bodies = ['marker', 'archive', 'Müller'].map((kind) => JSON.stringify({ kind, number: 1 }));
    await workOnEach(event(...bodies.map((body) => record(body, body))), schema, work, deps);
    expect(lines.map(({ fields }) => fields?.['kind'])).toEqual(['marker', 'archive', undefined]);
  });

  it.each([
    ['a name in place of a UID', { source: 'ct-1', seriesInstanceUid: 'Müller^Hans' }],
    ['a name in place of a source', { source: 'Müller^Hans', seriesInstanceUid: '1.2.3' }],
    ['a UID alone', { seriesInstanceUid: '1.2.3' }],
    ['another type', { source: 1, seriesInstanceUid: ['1.2.3'] }],
  ])('logs nothing of a body that has %s', async (_name, body) => {
    await workOnEach(event(record('bad', JSON.stringify(body))), schema, async () => {}, deps);
    expect(lines[0]?.fields).not.toHaveProperty('source');
    expect(lines[0]?.fields).not.toHaveProperty('seriesInstanceUid');
  });

  it('answers an empty batch', async () => {
    expect(await workOnEach(event(), schema, async () => {}, deps)).toEqual(failuresOf());
  });
});

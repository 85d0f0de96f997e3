import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lambdaEntry } from '../../../../functions/aws/lambda/entry.ts';
import { readTraceHeader } from '../../../../functions/aws/lambda/env.ts';
import { invocationFields } from '../../../../functions/aws/lambda/invocation.ts';
import type { LogFields } from '../../../../functions/shared/log.ts';

const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const contextOf = (awsRequestId: string) => ({ awsRequestId }) as Context;

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the fields of an invocation', () => {
  test('are those of the calling run, also with two concurrent runs', async () => {
    const handler = lambdaEntry(
      () => {},
      async (ms: number) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return invocationFields()['requestId'];
      },
    );
    expect(await Promise.all([handler(10, contextOf('r-1')), handler(1, contextOf('r-2'))])).toEqual([
      'r-1',
      'r-2',
    ]);
  });

  test('are in the log line of a failed run', async () => {
    const lines: LogFields[] = [];
    const handler = lambdaEntry(
      () => lines.push(invocationFields()),
      async () => Promise.reject(new RangeError('down')),
    );
    vi.stubEnv('_X_AMZN_TRACE_ID', TRACE);
    await expect(handler({}, contextOf('r-3'))).rejects.toThrow('down');
    expect(lines).toEqual([{ requestId: 'r-3', traceId: '1-5759e988-bd862e3fe1be46a994272793' }]);
  });

  test('are empty outside of a run', () => {
    expect(invocationFields()).toEqual({ requestId: undefined, traceId: undefined });
  });
});

test.each([
  ['whole', TRACE, TRACE],
  ['hostile', 'Root=<script>', undefined],
  ['absent', undefined, undefined],
])('the trace of the environment: %s', (_name, value, expected) => {
  expect(readTraceHeader({ _X_AMZN_TRACE_ID: value })).toBe(expected);
});

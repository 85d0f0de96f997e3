import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startFunction } from '../../../../functions/aws/lambda/entry.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const started: string[] = [];

const start = () =>
  startFunction(
    ['tableName'],
    ({ tableName }) => {
      started.push(tableName);
      return { log: () => {}, tableName };
    },
    ({ tableName }) =>
      async (event: string) =>
        `${event} of ${tableName}`,
  );

afterEach(() => {
  vi.unstubAllEnvs();
  started.length = 0;
});

describe('a function', () => {
  test('is made before the first invocation under Lambda, and once', async () => {
    vi.stubEnv('_HANDLER', 'index.handler');
    vi.stubEnv('TABLE_NAME', 'table');
    const handler = start();
    expect(started).toEqual(['table']);
    expect(await handler('rows', CONTEXT)).toBe('rows of table');
    expect(started).toHaveLength(1);
  });

  test('does not start under Lambda when a variable is missing', () => {
    vi.stubEnv('_HANDLER', 'index.handler');
    expect(start).toThrow('TABLE_NAME');
  });

  test('needs no variables outside of Lambda', () => {
    start();
    expect(started).toEqual([]);
  });
});

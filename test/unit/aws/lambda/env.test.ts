import { describe, expect, it } from 'vitest';
import { EnvironmentError, readEnv } from '../../../../functions/aws/lambda/env.ts';

const keys = ['tableName', 'dropBucket'] as const;

describe('readEnv', () => {
  it('reads exactly the requested variables', () => {
    const environment = { TABLE_NAME: 'rows', DROP_BUCKET: 'drop', RESULTS_BUCKET: 'results' };
    expect(readEnv(keys, environment)).toEqual({ tableName: 'rows', dropBucket: 'drop' });
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['one is missing', { TABLE_NAME: 'rows' }, 'DROP_BUCKET'],
    ['one is empty', { TABLE_NAME: '', DROP_BUCKET: 'drop' }, 'TABLE_NAME'],
    ['all are missing', {}, 'TABLE_NAME, DROP_BUCKET'],
  ])('names every variable when %s', (_name, environment, missing) => {
    expect(() => readEnv(keys, environment)).toThrow(EnvironmentError);
    expect(() => readEnv(keys, environment)).toThrow(`to be set: ${missing};`);
  });
});

import type { WireRule } from './wire-rule.ts';

/** A call of the pipeline that stands still until its caller is dead. */
export interface Moment {
  name: string;
  /** Of whom the process is killed where functions alone are. Absent: the host itself calls. */
  caller?: 'index-instances' | 'check-completion' | 'compute' | 'poll-results';
  rule: Omit<WireRule, 'name' | 'fault'>;
  when: 'before' | 'after';
  /** Functions alone are killed at it: to a kill of the whole host it would add nothing but time. */
  isForFunctions?: boolean;
  /** No marker is dropped: silence decides. */
  isQuiet?: boolean;
}

const indexing = { caller: 'index-instances', when: 'before' } as const;
const checking = { caller: 'check-completion', when: 'before' } as const;
const computing = { caller: 'compute', when: 'before' } as const;
const polling = { caller: 'poll-results', when: 'before' } as const;

/**
 * Between any two effects of a series' way. Interleaved by caller, so that where one function is killed
 * at several moments its messages have time to come back.
 */
export const MOMENTS: readonly Moment[] = [
  {
    name: 'while objects are dropped',
    when: 'before',
    rule: { service: 's3', operation: 'PutObject', by: 'host', nth: 4 },
  },
  {
    ...indexing,
    name: 'while headers are read',
    rule: { service: 's3', operation: 'GetObject range', nth: 3 },
  },
  {
    ...checking,
    name: 'before the judgement is saved',
    isForFunctions: true,
    rule: { service: 'dynamodb', operation: 'PutItem', mentions: ['"COMPLETE'] },
  },
  {
    ...computing,
    name: 'before instances go to Qure',
    rule: { service: 'qure', operation: 'upload' },
  },
  {
    ...polling,
    name: 'while results are polled',
    rule: { service: 'qure', operation: 'results' },
  },
  {
    ...indexing,
    name: 'before instance rows are written',
    isForFunctions: true,
    rule: { service: 'dynamodb', operation: 'BatchWriteItem' },
  },
  {
    ...checking,
    name: 'between the judgement and the job for it',
    rule: { service: 'sqs', operation: 'SendMessage', mentions: ['"tries', '"ticket'] },
  },
  {
    ...computing,
    name: 'while Qure has taken the instances and not answered it',
    when: 'after',
    rule: { service: 'qure', operation: 'upload' },
  },
  {
    ...polling,
    name: 'while an asset is downloaded',
    rule: { service: 'assets', nth: 2 },
  },
  {
    ...indexing,
    name: 'after instance rows are written, before the series is touched',
    rule: { service: 'dynamodb', operation: 'UpdateItem', by: 'function' },
  },
  {
    ...computing,
    name: 'after the upload, before the intent to call is saved',
    rule: { service: 'dynamodb', operation: 'PutItem', mentions: ['"callIntent"'] },
  },
  {
    ...polling,
    name: 'after the assets are stored, before the series is done',
    rule: { service: 'dynamodb', operation: 'PutItem', mentions: ['"DONE'] },
  },
  {
    ...indexing,
    name: 'after the series is touched, before its message',
    isForFunctions: true,
    rule: { service: 'sqs', operation: 'SendMessage', mentions: ['quiet'] },
  },
  {
    ...computing,
    name: 'before the compute call',
    isForFunctions: true,
    rule: { service: 'qure', operation: 'compute' },
  },
  {
    ...computing,
    name: 'while Qure has accepted the compute call and not answered it',
    when: 'after',
    rule: { service: 'qure', operation: 'compute' },
  },
  {
    ...computing,
    name: 'between the acceptance and the first poll',
    rule: { service: 'sqs', operation: 'SendMessage', mentions: ['"polls'] },
  },
  {
    ...polling,
    name: 'after the series is done, before its own message is deleted',
    isForFunctions: true,
    when: 'after',
    rule: { service: 'dynamodb', operation: 'PutItem', mentions: ['"DONE'] },
  },
  {
    ...indexing,
    name: 'while the message for silence is delayed',
    when: 'after',
    isQuiet: true,
    rule: { service: 'sqs', operation: 'SendMessage', mentions: ['quiet'] },
  },
];

/** The rule that makes the moment exact, for this series. */
export function holdAt({ name, rule, when }: Moment, uid: string): WireRule {
  const texts = typeof rule.mentions === 'string' ? [rule.mentions] : (rule.mentions ?? []);
  return { ...rule, name, mentions: [uid, ...texts], fault: { kind: 'hold', when } };
}

import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { CONTEXT_OPTIONS, readContextOptions } from '../../../infra/options/context-options.ts';
import { newApp } from './synthesized-template.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const TOPIC = 'arn:aws:sns:eu-central-1:111111111111:on-call';

it.each([
  { name: 'a text', given: { sources: 'sites.yaml' }, read: { sources: 'sites.yaml' } },
  { name: 'an ARN', given: { alarmTopicArn: TOPIC }, read: { alarmTopicArn: TOPIC } },
  {
    name: 'several ARNs',
    given: { accessLogReaderArns: 'arn:a, arn:b' },
    read: { accessLogReaderArns: ['arn:a', 'arn:b'] },
  },
  {
    name: 'false as the command line gives it',
    given: { reconcilesDaily: 'false' },
    read: { reconcilesDaily: false },
  },
  { name: 'false as a file holds it', given: { reconcilesDaily: false }, read: { reconcilesDaily: false } },
  { name: 'true', given: { reconcilesDaily: 'true' }, read: { reconcilesDaily: true } },
  { name: 'days of the command line', given: { logRetentionDays: '90' }, read: { logRetentionDays: 90 } },
  { name: 'days of a file', given: { logRetentionDays: 365 }, read: { logRetentionDays: 365 } },
  { name: 'a switch', given: { tracing: 'false' }, read: { tracing: false } },
  { name: 'destroy', given: { removalPolicy: 'destroy' }, read: { removalPolicy: 'destroy' } },
  { name: 'a number', given: { computeConcurrency: '40' }, read: { computeConcurrency: 40 } },
  { name: 'words', given: { signInScopes: ' openid  a,b/c ' }, read: { signInScopes: ['openid', 'a,b/c'] } },
  { name: 'nothing', given: {}, read: {} },
])('reads $name', ({ given, read }) => {
  expect(readContextOptions(given)).toEqual(read);
});

it.each<{ given: Record<string, unknown>; says: RegExp }>([
  { given: { sourcs: 'sites.yaml' }, says: /"sourcs" is no option; they are sources, / },
  { given: { Sources: 'sites.yaml' }, says: /"Sources" is no option/ },
  { given: { 'alarm-topic-arn': TOPIC }, says: /"alarm-topic-arn" is no option/ },
  { given: { constructor: 'x' }, says: /"constructor" is no option/ },
  { given: { sources: '' }, says: /sources: expected a text, got ""/ },
  { given: { sources: true }, says: /sources: expected a text, got true/ },
  { given: { alarmTopicArn: 'on-call' }, says: /alarmTopicArn: expected the ARN of a topic, got "on-call"/ },
  { given: { reconcilesDaily: 'no' }, says: /reconcilesDaily: expected true or false, got "no"/ },
  { given: { removalPolicy: 'DESTROY' }, says: /removalPolicy: expected retain or destroy, got "DESTROY"/ },
  { given: { httpApi: 1 }, says: /httpApi: expected true or false, got 1/ },
  { given: { logRetentionDays: '31' }, says: /logRetentionDays: expected one of 1, 3, 5, .*, got "31"/ },
  {
    given: { metricsBySource: 'some' },
    says: /metricsBySource: expected one of all, failures, none, got "some"/,
  },
  { given: { computeConcurrency: '4.5' }, says: /computeConcurrency: expected a whole number, got "4.5"/ },
  { given: { logRetentionDays: '9999' }, says: /logRetentionDays: expected one of/ },
])('refuses $given', ({ given, says }) => {
  expect(() => readContextOptions(given)).toThrow(says);
});

it('names every mistake at once', () => {
  expect(() => readContextOptions({ sourcs: 'x', reconcilesDaily: 'no' })).toThrow(
    /sourcs.*\n.*reconcilesDaily/,
  );
});

it('ignores the context of the CDK', () => {
  const app = newApp({
    'aws:cdk:enable-path-metadata': true,
    'availability-zones:account=111111111111:region=eu-central-1': ['eu-central-1a'],
    'acknowledged-issue-numbers': [34892],
    'cli-telemetry': false,
    appName: 'scans-b',
  });
  expect(readContextOptions(app.node.getAllContext())).toEqual({ appName: 'scans-b' });
});

describe('docs/deployment.md', () => {
  const page = readFileSync(new URL('docs/deployment.md', REPOSITORY), 'utf8');
  const documented = [...page.matchAll(/^\| `-c (\w+)=/gm)].map(([, name]) => name);

  test('has a row for each option, and for nothing else', () => {
    expect(documented.toSorted()).toEqual(Object.keys(CONTEXT_OPTIONS).toSorted());
  });

  test('uses only known options in its commands', () => {
    const used = [...page.matchAll(/(?:-c|--context) (\w+)=/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(CONTEXT_OPTIONS)));
  });
});

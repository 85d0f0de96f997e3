import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import aslValidator from 'asl-validator';
import { CloudFormationValidatePlugin, type IPolicyValidationPlugin, Stack, Validations } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { MAX_EVENT_RESULT_KEYS } from '../../../functions/series/events.ts';
import { DETAIL_TYPES, type DetailType } from '../../../functions/shared/detail-types.ts';
import type { QureDropoff } from '../../../infra/qure-dropoff.ts';
import { QureDropoffStack } from '../../../infra/qure-dropoff-stack.ts';
import { examplesOf, typeMistakesIn, writeExamples } from '../../support/page-examples.ts';
import { enveloped, exampleOf } from '../../support/published-events.ts';
import {
  inlineCode,
  newApp,
  type Resource,
  type SynthesizedTemplate,
  templateOf,
} from '../../unit/infra/synthesized-template.ts';
import { isMatch, motoMatches, type Pattern, transformed } from './event-matching.ts';
import { type Call, type Definition, runStateMachine } from './state-machine.ts';

const PAGE = 'docs/automation.md';
const TS = examplesOf(PAGE, 'ts');
const YAML = examplesOf(PAGE, 'yaml');
const PACS_KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e';

/** Each example as the first block of the page makes it. */
const EXAMPLES = [
  { file: 'page-on-critical-triage.ts', name: 'PageOnCriticalTriage', options: {} },
  {
    file: 'copy-results-to-pacs.ts',
    name: 'CopyResultsToPacs',
    options: { pacsBucketName: 'hospital-pacs-ingest', pacsKeyArn: PACS_KEY },
  },
  {
    file: 'ticket-on-failure.ts',
    name: 'TicketOnFailure',
    options: { serviceNowHost: 'example.service-now.com' },
  },
  { file: 'once-per-event.ts', name: 'OncePerEvent', options: {} },
  { file: 'audit.ts', name: 'Audit', options: {} },
] as const;

type Example = new (scope: Construct, id: string, props: { dropoff: QureDropoff }) => Stack;

let folder = '';
const templates = new Map<string, SynthesizedTemplate>();
const findings = new Map<string, string[]>();

beforeAll(async () => {
  folder = writeExamples([...TS, ...YAML], 'infra/index.ts', { noUnusedLocals: true });
  const app = newApp();
  // What CloudFormation does not know, and a value of a wrong type, then ends the synthesis instead of being told as a warning.
  app.node.setContext('@aws-cdk/core:validateAgainstDefaultRules', true);
  // The cast: the CDK's own declarations differ by an `undefined` here.
  Validations.of(app).addPlugins(new CloudFormationValidatePlugin() as IPolicyValidationPlugin);
  const pipeline = new QureDropoffStack(app, 'QureDropoff', { codeFor: inlineCode });
  const stacks = new Map<string, Stack>();
  for (const { file, name, options } of EXAMPLES) {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, Example>;
    const made = module[name];
    if (made === undefined) throw new Error(`Expected ${file} to export ${name}.`);
    stacks.set(file, new made(app, name, { dropoff: pipeline.dropoff, ...options }));
  }
  for (const { name } of YAML) {
    const stack = new Stack(app, name.replace('.', '-'));
    new CfnInclude(stack, 'Template', { templateFile: join(folder, name) });
    stacks.set(name, stack);
  }
  for (const [name, stack] of stacks) keep(name, stack);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keep(name: string, stack: Stack): void {
  templates.set(name, templateOf(stack));
  const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
  findings.set(
    name,
    violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    ),
  );
}

function templateNamed(name: string): SynthesizedTemplate {
  const template = templates.get(name);
  if (template === undefined) throw new Error(`Expected a template of ${name}, there is none.`);
  return template;
}

it('shows every example that the tests know, and no other', () => {
  const named = TS.map(({ name }) => name).filter((name) => !name.startsWith('example-'));
  expect(named).toEqual(EXAMPLES.map(({ file }) => file));
  expect(YAML.map(({ name }) => name)).toEqual(['page-on-critical-triage.yaml', 'audit.yaml']);
});

it('shows TypeScript that compiles', async () => {
  expect(await typeMistakesIn(folder)).toBe('');
});

describe.each([...EXAMPLES.map(({ file }) => file), ...YAML.map(({ name }) => name)])('%s', (name) => {
  const resources = (type: string) => templateNamed(name).ofType(type);

  it('has a rule on the events of the pipeline', () => {
    const rules = resources('AWS::Events::Rule');
    expect(rules.length).toBeGreaterThan(0);
    for (const [, { Properties }] of rules) {
      expect(Properties.EventPattern).toMatchObject({ source: ['qure-dropoff'] });
    }
  });

  it('loses no event: each target has a dead-letter queue that EventBridge may write to', () => {
    // Logs take what EventBridge has; the archive holds it besides.
    if (name.startsWith('audit')) return;
    for (const [, { Properties }] of resources('AWS::Events::Rule')) {
      for (const { DeadLetterConfig } of Properties.Targets as { DeadLetterConfig?: unknown }[]) {
        const [queue = ''] = resources('AWS::SQS::Queue')
          .map(([id]) => id)
          .filter((id) => JSON.stringify(DeadLetterConfig ?? '').includes(id));
        const statements = templateNamed(name).policyOf('AWS::SQS::QueuePolicy', queue);
        expect(statements).toContainEqual(
          expect.objectContaining({
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Principal: { Service: 'events.amazonaws.com' },
          }),
        );
      }
    }
  });

  it('holds no secret in its template', () => {
    const text = JSON.stringify(resources('AWS::Events::Connection'));
    for (const [, value] of text.matchAll(/"(?:ApiKeyValue|Password|Value)":(".*?"|\{.*?\})/g)) {
      expect(value).toContain('{{resolve:secretsmanager:');
    }
  });

  it('allows no action by a wildcard, and no resource by one but the objects of a bucket', () => {
    const statements = Object.values(templateNamed(name).resources).flatMap(roleStatements);
    for (const { Action, Resource } of statements) {
      // What the CDK grants for a topic under a key: GenerateDataKey, with and without the plain text.
      expect(JSON.stringify(Action).replace('kms:GenerateDataKey*', '')).not.toContain('*');
      if (JSON.stringify(Resource) === '"*"') expect(Action).toSatisfy(isWithoutResources);
    }
  });

  it('has no finding of cdk-nag except the acknowledged ones', () => {
    expect(findings.get(name)?.filter((finding) => !KNOWN.some((known) => known.test(finding)))).toEqual([]);
  });
});

/** What cdk-nag finds in the examples, and why it stays. */
const KNOWN = [
  // A dead-letter queue of a rule; the check knows those of queues only.
  /^AwsSolutions-SQS3 at .*\/Undelivered(\/|$)/,
  // Results, and what is below the PACS bucket: their keys are made of UIDs. X-Ray and the delivery of logs know no resources.
  /^AwsSolutions-IAM5\[Resource::.*\] at CopyResultsToPacs\/Machine\/Role\//,
  // What the CDK grants for a topic under a key.
  /^AwsSolutions-IAM5\[Action::kms:GenerateDataKey\*\] at PageOnCriticalTriage\//,
  // The function writes to its own log by AWS's managed policy.
  /^AwsSolutions-IAM4\[.*AWSLambdaBasicExecutionRole\] at OncePerEvent\/Consumer\//,
];

interface RoleStatement {
  Action: string | string[];
  Resource: unknown;
}

function roleStatements({ Type, Properties }: Resource): RoleStatement[] {
  const documents =
    Type === 'AWS::IAM::Policy'
      ? [Properties.PolicyDocument]
      : Type === 'AWS::IAM::Role'
        ? ((Properties.Policies ?? []) as { PolicyDocument: unknown }[]).map(
            (policy) => policy.PolicyDocument,
          )
        : [];
  return documents.flatMap((document) => (document as { Statement: RoleStatement[] }).Statement);
}

/** Source: service authorization reference of X-Ray and of CloudWatch Logs (delivery of vended logs). */
function isWithoutResources(action: string | string[]): boolean {
  return [action]
    .flat()
    .every((name) =>
      /^(xray:|logs:(?:\w*LogDelivery|\w*LogDeliveries|\w*ResourcePolic|DescribeLogGroups))/.test(name),
    );
}

function eventOf(detailType: DetailType, change: object = {}) {
  return enveloped(detailType, { ...exampleOf(detailType), ...change });
}

/** Each kind of event; the critical one is `Series Done`. */
const EVENTS = [
  ...DETAIL_TYPES.map((type) => ({ name: type as string, event: eventOf(type) })),
  { name: 'routine', event: eventOf('Series Done', { triageStatus: 'routine' }) },
  { name: 'a critical X-ray', event: eventOf('Series Done', { product: 'qXR', presentFindings: undefined }) },
  { name: 'without triage', event: eventOf('Series Done', { triageStatus: undefined }) },
  { name: 'of another pipeline', event: { ...eventOf('Series Done'), source: 'other' } },
];

const EVERYTHING = EVENTS.map(({ name }) => name).filter((name) => name !== 'of another pipeline');
const RESULTS = ['Series Done', 'routine', 'a critical X-ray', 'without triage'];
const PASSES = [
  { file: 'page-on-critical-triage.ts', rule: 'CriticalTriage', passes: ['Series Done'] },
  { file: 'page-on-critical-triage.yaml', rule: 'CriticalTriage', passes: ['Series Done'] },
  { file: 'copy-results-to-pacs.ts', rule: 'Results', passes: RESULTS },
  { file: 'ticket-on-failure.ts', rule: 'Failed', passes: ['Series Failed'] },
  { file: 'ticket-on-failure.ts', rule: 'Quarantined', passes: ['Object Quarantined'] },
  { file: 'once-per-event.ts', rule: 'Done', passes: RESULTS },
  { file: 'audit.ts', rule: 'Everything', passes: EVERYTHING },
  { file: 'audit.yaml', rule: 'Everything', passes: EVERYTHING },
];

describe('the events that a rule lets pass', () => {
  const patternOf = (file: string, rule: string) =>
    templateNamed(file).one('AWS::Events::Rule', rule)[1].Properties.EventPattern as Pattern;

  test.each(PASSES)('REQ-PAGE-1: $rule of $file', ({ file, rule, passes }) => {
    const pattern = patternOf(file, rule);
    expect(EVENTS.filter(({ event }) => isMatch(pattern, event)).map(({ name }) => name)).toEqual(passes);
  });

  test('REQ-PAGE-1: on a finding: a bleed of qER, and no X-ray, whatever its triage', () => {
    const patterns = examplesOf(PAGE, 'json').map(({ text }) => JSON.parse(text) as Pattern);
    const byFinding = patterns.filter(
      ({ source, detail }) => Array.isArray(source) && detail !== undefined && 'presentFindings' in detail,
    );
    expect(byFinding).toHaveLength(1);
    const [pattern = {}] = byFinding;
    const findings = [
      { key: 'ICH', present: false, score: 0.2 },
      { key: 'MASS_EFFECT', present: true, score: 0.9 },
    ];
    const other = eventOf('Series Done', { findings, presentFindings: ['MASS_EFFECT'] });
    expect(isMatch(pattern, eventOf('Series Done'))).toBe(true);
    expect(isMatch(pattern, other)).toBe(false);
    expect(isMatch(pattern, eventOf('Series Done', { product: 'qXR', triageStatus: 'critical' }))).toBe(
      false,
    );
  });

  test('agrees with the matcher of moto, if python3 has moto', ({ skip }) => {
    const pairs = PASSES.flatMap(({ file, rule }) =>
      EVENTS.map(({ event }) => [patternOf(file, rule), JSON.parse(JSON.stringify(event))] as const),
    );
    const answers = motoMatches(pairs);
    if (answers === undefined) return skip('python3 with moto is not on this machine');
    expect(answers).toEqual(pairs.map(([pattern, event]) => isMatch(pattern, event)));
  });

  test('fails for an operator of event patterns that it does not know', () => {
    expect(() => isMatch({ source: [{ prefix: 'qure' }] }, { source: 'qure-dropoff' })).toThrow('operator');
  });
});

describe('what another service gets', () => {
  const inputOf = (file: string, rule: string, event: unknown) => {
    const targets = templateNamed(file).one('AWS::Events::Rule', rule)[1].Properties.Targets as {
      InputTransformer?: { InputPathsMap: Record<string, string>; InputTemplate: string };
    }[];
    const transformer = targets.find(({ InputTransformer }) => InputTransformer)?.InputTransformer;
    if (transformer === undefined) throw new Error(`Expected ${rule} of ${file} to transform its input.`);
    return transformed(transformer, event);
  };

  /** Source: PagerDuty developer documentation, "Send an Alert Event" of the Events API v2. */
  test.each(['page-on-critical-triage.ts', 'page-on-critical-triage.yaml'])('PagerDuty, by %s', (file) => {
    const event = eventOf('Series Done');
    expect(inputOf(file, 'CriticalTriage', event)).toEqual({
      event_action: 'trigger',
      dedup_key: '8b146683-cc98-11a5-2ce7-64721db5012f',
      payload: {
        summary: 'Critical finding of qER from default',
        severity: 'critical',
        source: 'default',
        timestamp: '2026-11-24T00:26:21.017Z',
        custom_details: expect.objectContaining({
          studyInstanceUid: '2.25.290163917406291',
          seriesInstanceUid: '2.25.290163917406292',
        }),
      },
    });
  });

  test('ServiceNow, of a series', () => {
    expect(inputOf('ticket-on-failure.ts', 'Failed', eventOf('Series Failed'))).toEqual({
      source: 'qure-dropoff',
      node: 'default',
      type: 'Series Failed',
      resource: 'results_timeout',
      severity: '2',
      message_key: '8b146683-cc98-11a5-2ce7-64721db5012f',
      description:
        'Series 2.25.290163917406292 failed: results_timeout. See docs/operations.md, then retry it.',
    });
  });

  test('ServiceNow, of an object', () => {
    expect(inputOf('ticket-on-failure.ts', 'Quarantined', eventOf('Object Quarantined'))).toMatchObject({
      message_key: '8b146683-cc98-11a5-2ce7-64721db5012f',
      resource: 'truncated',
    });
  });
});

describe('the state machine that copies results', () => {
  const folderOfResults = 'default/2.25.290163917406291/2.25.290163917406292/1/';

  function definition(): Definition {
    const [, { Properties }] = templateNamed('copy-results-to-pacs.ts').one(
      'AWS::StepFunctions::StateMachine',
      '',
    );
    const parts = (Properties.DefinitionString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    // The names that CloudFormation puts in: the partition, and the bucket of results of the other stack.
    const text = parts.map((part) =>
      typeof part === 'string' ? part : JSON.stringify(part).includes('Partition') ? 'aws' : 'results',
    );
    return JSON.parse(text.join('')) as Definition;
  }

  /** A bucket with these keys, by the two calls that the machine makes. */
  function bucket(keys: readonly string[]) {
    const copied = new Map<string, number>();
    const call: Call = (action, input) => {
      if (action === 's3:copyObject') {
        const { Bucket, Key, CopySource } = input as Record<string, string>;
        expect(Bucket).toBe('hospital-pacs-ingest');
        expect(decodeURIComponent(CopySource ?? '')).toBe(`results/${Key}`);
        copied.set(Key ?? '', (copied.get(Key ?? '') ?? 0) + 1);
        return { CopyObjectResult: { ETag: '"e"' } };
      }
      expect(action).toBe('s3:listObjectsV2');
      const { Bucket, Prefix, StartAfter, MaxKeys } = input as Record<string, string> & { MaxKeys: number };
      expect(Bucket).toBe('results');
      const rest = keys.toSorted().filter((key) => key.startsWith(Prefix ?? '') && key > (StartAfter ?? ''));
      const page = rest.slice(0, MaxKeys);
      return { Contents: page.map((Key) => ({ Key, Size: 1 })), IsTruncated: page.length < rest.length };
    };
    return { copied, call };
  }

  const keysOf = (count: number) =>
    Array.from({ length: count }, (_, at) => `${folderOfResults}files/secondary_capture/${at}`);

  it('has a definition that the state machine service accepts', () => {
    const { isValid, errors } = aslValidator(JSON.parse(JSON.stringify(definition())));
    expect(errors).toEqual([]);
    expect(isValid).toBe(true);
  });

  test.each([
    { name: 'what the event says', stored: 3, told: 3, twice: 0 },
    { name: 'one object', stored: 1, told: 1, twice: 0 },
    { name: 'as many as an event may say', stored: 500, told: 500, twice: 500 },
    { name: 'what the event had no room for', stored: 1203, told: 500, twice: 500 },
    { name: 'one more than the event had room for', stored: 501, told: 500, twice: 500 },
  ])('copies $name', async ({ stored, told, twice }) => {
    const keys = keysOf(stored);
    const { copied, call } = bucket([...keys, 'default/2.25.1/2.25.2/1/result.json']);
    const event = eventOf('Series Done', { resultKeys: keys.slice(0, told) });
    expect(told).toBeLessThanOrEqual(MAX_EVENT_RESULT_KEYS);
    await runStateMachine(definition(), event, call);
    expect([...copied.keys()].toSorted()).toEqual(keys.toSorted());
    expect([...copied.values()].filter((times) => times > 1)).toHaveLength(twice);
  });

  it('copies nothing if no result is stored', async () => {
    const { copied, call } = bucket([]);
    await runStateMachine(definition(), eventOf('Series Done', { resultKeys: [] }), call);
    expect(copied.size).toBe(0);
  });

  it('has permission only to read results and to write to the PACS, under the keys of both', () => {
    const statements = Object.values(templateNamed('copy-results-to-pacs.ts').resources)
      .filter(({ Type }) => Type === 'AWS::IAM::Policy')
      .flatMap(roleStatements)
      .filter(({ Action }) => !isWithoutResources(Action));
    const allowed = statements.flatMap(({ Action }) => Action).toSorted();
    expect([...new Set(allowed)]).toEqual([
      'kms:Decrypt',
      'kms:GenerateDataKey',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      'states:StartExecution',
    ]);
    expect(statements).toContainEqual(
      expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: PACS_KEY }),
    );
  });
});

it('has result keys that need no encoding in a copy source', () => {
  // Their parts: a name of a source, UIDs, a number, and what functions/series/result-keys.ts adds.
  const key = `north-2.a_b/1.2.840/1.2.3/12/files/1.2.3.4/${'a-Z_9'}/0`;
  expect(encodeURI(key)).toBe(key);
});

it('quotes in the page the files of the repository', () => {
  const page = readFileSync(new URL('../../../docs/automation.md', import.meta.url), 'utf8');
  for (const detailType of DETAIL_TYPES) expect(page).toContain(`| \`${detailType}\` |`);
  expect(page).toContain(`**\`resultKeys\` holds ${MAX_EVENT_RESULT_KEYS} at most.**`);
});

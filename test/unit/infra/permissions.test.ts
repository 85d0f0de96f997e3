import { describe, expect, it } from 'vitest';
import { ENV } from '../../../functions/environment.ts';
import { DEPLOYMENTS, type DeploymentName, deploy } from './deployments.ts';
import { listOf, type Statement, statementsOf, synthesize } from './synthesized-template.ts';

const template = synthesize();

const READ_DROPS = ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'];
const ALL_QUEUES = ['Ingest', 'Completion', 'Compute', 'ResultsPolling', 'UrgentCompute', 'UrgentResults'];
const CONSUME = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

/** What each function is told, what it may do, and on what: all of it, so that more is a failure too. */
const functions = [
  {
    fn: 'IndexInstances',
    tableCalls: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    variables: [
      ENV.appName,
      ENV.tableName,
      ENV.dropBucket,
      ENV.completionQueueUrl,
      ENV.eventBusName,
      ENV.sourcesPath,
      ENV.patientKeySecret,
    ],
    actions: [...READ_DROPS, ...CONSUME, 'ssm:GetParametersByPath', 'secretsmanager:GetSecretValue'],
    indexes: [],
    sendsTo: ['Completion'],
    consumes: ['Ingest'],
  },
  {
    fn: 'CheckCompletion',
    tableCalls: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
    variables: [
      ENV.appName,
      ENV.tableName,
      ENV.dropBucket,
      ENV.ingestQueueUrl,
      ENV.completionQueueUrl,
      ENV.computeQueueUrl,
      ENV.urgentComputeQueueUrl,
      ENV.eventBusName,
      ENV.sourcesPath,
      ENV.patientKeySecret,
    ],
    actions: [...READ_DROPS, ...CONSUME, 'ssm:GetParametersByPath', 'secretsmanager:GetSecretValue'],
    indexes: [],
    sendsTo: ['Completion', 'Compute', 'UrgentCompute'],
    consumes: ['Completion'],
  },
  {
    fn: 'Compute',
    tableCalls: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    variables: [
      ENV.appName,
      ENV.tableName,
      ENV.dropBucket,
      ENV.resultsBucket,
      ENV.completionQueueUrl,
      ENV.computeQueueUrl,
      ENV.urgentComputeQueueUrl,
      ENV.resultsQueueUrl,
      ENV.urgentResultsQueueUrl,
      ENV.eventBusName,
      ENV.sourcesPath,
      ENV.secretsPrefix,
    ],
    actions: [
      ...READ_DROPS,
      's3:PutObject',
      ...CONSUME,
      'ssm:GetParametersByPath',
      'secretsmanager:GetSecretValue',
    ],
    indexes: [],
    sendsTo: ['Completion', 'Compute', 'ResultsPolling', 'UrgentCompute', 'UrgentResults'],
    consumes: ['Compute', 'UrgentCompute'],
  },
  {
    fn: 'PollResults',
    tableCalls: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    variables: [
      ENV.appName,
      ENV.tableName,
      ENV.resultsBucket,
      ENV.computeQueueUrl,
      ENV.urgentComputeQueueUrl,
      ENV.resultsQueueUrl,
      ENV.urgentResultsQueueUrl,
      ENV.eventBusName,
      ENV.sourcesPath,
      ENV.patientKeySecret,
      ENV.secretsPrefix,
    ],
    actions: [
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
      's3:AbortMultipartUpload',
      's3:PutObjectTagging',
      ...CONSUME,
      'ssm:GetParametersByPath',
      'secretsmanager:GetSecretValue',
    ],
    indexes: [],
    sendsTo: ['Compute', 'ResultsPolling', 'UrgentCompute', 'UrgentResults'],
    consumes: ['ResultsPolling', 'UrgentResults'],
  },
  {
    fn: 'Sweep',
    tableCalls: ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'],
    variables: [
      ENV.appName,
      ENV.tableName,
      ENV.completionQueueUrl,
      ENV.computeQueueUrl,
      ENV.urgentComputeQueueUrl,
      ENV.resultsQueueUrl,
      ENV.urgentResultsQueueUrl,
      ENV.eventBusName,
      ENV.sourcesPath,
      ENV.secretsPrefix,
    ],
    actions: ['ssm:GetParametersByPath', 'secretsmanager:GetSecretValue'],
    indexes: ['byDue', 'byState'],
    sendsTo: ['Completion', 'Compute', 'ResultsPolling', 'UrgentCompute', 'UrgentResults'],
    consumes: [],
  },
  {
    fn: 'Reconcile',
    tableCalls: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
    variables: [
      ENV.appName,
      ENV.tableName,
      ENV.dropBucket,
      ENV.ingestQueueUrl,
      ENV.completionQueueUrl,
      ENV.eventBusName,
      ENV.sourcesPath,
      ENV.patientKeySecret,
    ],
    actions: [
      ...READ_DROPS,
      'sqs:GetQueueAttributes',
      'ssm:GetParametersByPath',
      'secretsmanager:GetSecretValue',
    ],
    indexes: ['byState'],
    sendsTo: ['Completion'],
    consumes: [],
  },
  {
    fn: 'ServeApi',
    tableCalls: ['GetItem', 'BatchGetItem', 'Query', 'PutItem'],
    variables: [
      ENV.tableName,
      ENV.dropBucket,
      ENV.resultsBucket,
      ENV.computeQueueUrl,
      ENV.urgentComputeQueueUrl,
      ENV.sourcesPath,
      ENV.deadLetterQueues,
    ],
    actions: [
      's3:GetObject',
      's3:ListBucket',
      // By the links that it signs.
      's3:PutObject',
      'ssm:GetParametersByPath',
      ...CONSUME,
      'sqs:ChangeMessageVisibility',
    ],
    indexes: ['byState', 'byStudy', 'bySeries'],
    // It sends dead letters back.
    sendsTo: ALL_QUEUES,
    consumes: [],
  },
];

/** Every function has these. */
const COMMON_ACTIONS = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'sqs:SendMessage',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

describe.each(functions)('$fn', ({ fn, tableCalls, variables, actions, indexes, sendsTo, consumes }) => {
  const publishes = new Set<string>(variables).has(ENV.eventBusName);
  const [, resource] = template.one('AWS::Lambda::Function', `DropoffFunctions${fn}Function`);
  const { Variables } = resource.Properties.Environment as { Variables: Record<string, unknown> };
  const statements = template.permissionsOf(`DropoffFunctions${fn}`);

  it('is told exactly what it may use', () => {
    const told = consumes.length > 0 ? [...variables, ENV.deadLetterQueues] : variables;
    expect(Object.keys(Variables).toSorted()).toEqual(told.toSorted());
  });

  it('may do exactly what it needs', () => {
    const allowed = statements
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => !action.startsWith('kms:'));
    expect([...new Set(allowed)].toSorted()).toEqual(
      [
        ...new Set([
          ...COMMON_ACTIONS,
          ...actions,
          ...tableCalls.map((call) => `dynamodb:${call}`),
          ...(indexes.length > 0 ? ['dynamodb:Query'] : []),
          ...(publishes ? ['events:PutEvents'] : []),
        ]),
      ].toSorted(),
    );
  });

  it('queries the indexes that it needs, and scans nothing', () => {
    const resources = JSON.stringify(
      statements.filter((one) => listOf(one.Action).includes('dynamodb:Query')),
    );
    const queried = [...resources.matchAll(/\/index\/([^"]+)/g)].map((match) => match[1] ?? '');
    expect(queried.toSorted()).toEqual(indexes.toSorted());
  });

  it('sends to and takes from its own queues only', () => {
    expect(queuesOf(statements, 'sqs:SendMessage')).toEqual(sendsTo.toSorted());
    expect(queuesOf(statements, 'sqs:ReceiveMessage')).toEqual(consumes);
  });

  it('reaches the dead letters of its own queues only, and looks into none unless it serves the API', () => {
    const isApi = fn === 'ServeApi';
    expect(deadLettersOf(statements, 'sqs:SendMessage')).toEqual(consumes.toSorted());
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'])
      expect(deadLettersOf(statements, action)).toEqual(isApi ? ALL_QUEUES.toSorted() : []);
  });

  it('may use what each of its variables names', () => {
    const granted = new Set(statements.flatMap(({ Resource }) => template.referencesOf(Resource)));
    for (const id of template.referencesOf(Variables)) expect(granted).toContain(id);
  });

  it('uses keys only through the service that holds the data', () => {
    const withKeys = statements.filter(({ Action }) =>
      listOf(Action).some((action) => action.startsWith('kms:')),
    );
    expect(withKeys.length).toBeGreaterThan(0);
    for (const { Condition } of withKeys) expect(Condition?.StringEquals).toHaveProperty('kms:ViaService');
  });

  it.runIf(publishes)('publishes events of our source only', () => {
    const [publish] = statements.filter(({ Action }) => listOf(Action).includes('events:PutEvents'));
    expect(publish?.Condition).toEqual({
      'ForAllValues:StringEquals': { 'events:source': 'qure-dropoff' },
      Null: { 'events:source': 'false' },
    });
  });
});

/** For these AWS offers no resource to name. Source: the service authorization reference of X-Ray and of Amazon EC2. */
const WITHOUT_RESOURCES =
  /^(xray:Put(TelemetryRecords|TraceSegments)|ec2:\w+(NetworkInterfaces?|Subnets|PrivateIpAddresses))$/;

describe.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('no role of %s', (name) => {
  const deployed = deploy(name).template();
  const statements = deployed
    .ofType('AWS::IAM::Role')
    .flatMap(([, { Properties }]) => (Properties.Policies ?? []) as { PolicyDocument: unknown }[])
    .flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));

  it('holds a wildcard action', () => {
    expect(statements.length).toBeGreaterThan(0);
    for (const action of statements.flatMap(({ Action }) => listOf(Action)))
      expect(action).not.toContain('*');
  });

  it('holds every resource, save where AWS has none: else a wildcard only ever ends the name of something of ours', () => {
    for (const { Action, Resource } of statements) {
      for (const resource of listOf(Resource)) {
        const text = JSON.stringify(resource);
        if (text === '"*"') for (const action of listOf(Action)) expect(action).toMatch(WITHOUT_RESOURCES);
        else if (text.includes('*')) {
          expect(text).toMatch(
            /"Arn"\]\},"\/(?:default\/canary\/|from-north\/|south\.2\/)?\*"|:s3:::our-(scans|results)\/\*|:secret:qure-dropoff\/\*/,
          );
        }
      }
    }
  });

  it('carries a managed policy, or a policy from elsewhere', () => {
    for (const [, role] of deployed.ofType('AWS::IAM::Role'))
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(deployed.ofType('AWS::IAM::Policy')).toEqual([]);
  });

  it('exceeds the 10,240 characters that IAM allows for its inline policies', () => {
    for (const [, role] of deployed.ofType('AWS::IAM::Role')) {
      expect(JSON.stringify(role.Properties.Policies).length).toBeLessThan(10_240);
    }
  });
});

const DEAD_LETTERS = /DeadLetters[0-9A-F]*$/;

/** Of the queues between the stages. */
function queuesOf(statements: Statement[], action: string): string[] {
  return resourcesOf(statements, action)
    .filter((id) => !DEAD_LETTERS.test(id))
    .map((id) => id.replace(/^Dropoff/, '').replace(/Queue[0-9A-F]*$/, ''))
    .toSorted();
}

/** Of the queues for what was given up, by the stage. */
function deadLettersOf(statements: Statement[], action: string): string[] {
  return resourcesOf(statements, action)
    .filter((id) => DEAD_LETTERS.test(id))
    .map((id) => id.replace(/^Dropoff/, '').replace(DEAD_LETTERS, ''))
    .toSorted();
}

function resourcesOf(statements: Statement[], action: string): string[] {
  const ids = statements
    .filter(({ Action }) => listOf(Action).includes(action))
    .flatMap(({ Resource }) => template.referencesOf(Resource));
  return [...new Set(ids)];
}

import { describe, expect, it } from 'vitest';
import { STAGES, type StageName } from '../../../infra/limits.ts';
import { newStack, SynthesizedTemplate, synthesize } from './synthesized-template.ts';

const template = synthesize();
const queues = template.ofType('AWS::SQS::Queue');
const deadLetterQueues = queues.filter(([id]) => id.includes('DeadLetters'));
const workQueues = queues.filter(([id]) => !id.includes('DeadLetters'));

describe('every queue', () => {
  it('belongs to one of four stages, two of which have a priority queue, or is a dead-letter queue', () => {
    expect(workQueues).toHaveLength(6);
    expect(deadLetterQueues).toHaveLength(6);
  });

  it.each(queues)('%s is encrypted, TLS only and keeps messages for 14 days', (id, queue) => {
    const [keyId] = template.one('AWS::KMS::Key', 'DropoffKeysMessages');
    expect(queue.Properties).toMatchObject({
      KmsMasterKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] },
      MessageRetentionPeriod: 14 * 86_400,
    });
    expect(template.policyOf('AWS::SQS::QueuePolicy', id)).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 'sqs:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });
});

/** The names of each stage and lane in the template. */
const STAGE_IDS: Record<StageName, { queue: string; fn: string; lane?: string }> = {
  ingest: { queue: 'Ingest', fn: 'IndexInstances' },
  completion: { queue: 'Completion', fn: 'CheckCompletion' },
  compute: { queue: 'Compute', fn: 'Compute' },
  urgentCompute: { queue: 'UrgentCompute', fn: 'Compute', lane: 'UrgentCompute' },
  results: { queue: 'ResultsPolling', fn: 'PollResults' },
  urgentResults: { queue: 'UrgentResults', fn: 'PollResults', lane: 'UrgentResults' },
};

describe.each(Object.entries(STAGE_IDS) as [StageName, (typeof STAGE_IDS)[StageName]][])(
  'the stage %s',
  (stage, { queue, fn, lane = '' }) => {
    const limits = STAGES[stage];

    it('has a queue with its receives, and dead letters of its own', () => {
      const [, { Properties }] = template.one('AWS::SQS::Queue', `Dropoff${queue}Queue`);
      const [deadId] = template.one('AWS::SQS::Queue', `Dropoff${queue}DeadLetters`);
      expect(Properties.RedrivePolicy).toEqual({
        deadLetterTargetArn: { 'Fn::GetAtt': [deadId, 'Arn'] },
        maxReceiveCount: limits.maxReceives,
      });
    });

    it('has a function and a mapping with its limits', () => {
      const [, mapping] = template.one(
        'AWS::Lambda::EventSourceMapping',
        `DropoffFunctions${fn}${lane}Messages`,
      );
      expect(mapping.Properties).toMatchObject({
        BatchSize: limits.batchSize,
        ScalingConfig: { MaximumConcurrency: limits.maxConcurrency },
      });
      const [, { Properties }] = template.one('AWS::Lambda::Function', `DropoffFunctions${fn}Function`);
      expect(Properties).toMatchObject({ Timeout: limits.timeoutSeconds, MemorySize: limits.memoryMb });
    });
  },
);

describe('every event source mapping', () => {
  const mappings = template.ofType('AWS::Lambda::EventSourceMapping');

  it('consumes one queue each', () => {
    const sources = mappings.flatMap(([, { Properties }]) =>
      template.referencesOf(Properties.EventSourceArn),
    );
    expect(sources.toSorted()).toEqual(workQueues.map(([id]) => id).toSorted());
  });

  it.each(mappings)('%s reports failures by message and limits concurrency', (_id, { Properties }) => {
    expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    const { MaximumConcurrency } = Properties.ScalingConfig as { MaximumConcurrency: number };
    // The range that Lambda takes.
    expect(MaximumConcurrency).toBeGreaterThanOrEqual(2);
    expect(MaximumConcurrency).toBeLessThanOrEqual(1000);
  });

  it.each(mappings)(
    '%s has a visibility timeout longer than the timeout of its function',
    (_id, { Properties }) => {
      const [queue] = template.referencesOf(Properties.EventSourceArn).map((id) => template.resources[id]);
      const [fn] = template.referencesOf(Properties.FunctionName).map((id) => template.resources[id]);
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThan(fn?.Properties.Timeout as number);
    },
  );

  it.each(mappings)('%s lets no message wait for a batch', (_id, { Properties }) => {
    expect(Properties.MaximumBatchingWindowInSeconds).toBe(0);
    // Lambda demands a window of a second for more.
    expect(Properties.BatchSize).toBeLessThanOrEqual(10);
  });
});

describe('the lanes of a stage', () => {
  it.each([
    { fn: 'Compute', together: 14 },
    { fn: 'PollResults', together: 30 },
  ])('share $fn, each with its own $together', ({ fn, together }) => {
    const mappings = template
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(([id]) => id.startsWith(`DropoffFunctions${fn}`));
    const shares = mappings.map(
      ([, { Properties }]) => (Properties.ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency,
    );
    expect(shares).toHaveLength(2);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(together);
    // Reserved concurrency below the sum would have Lambda throttle one lane for the other.
    const [, { Properties }] = template.one('AWS::Lambda::Function', `DropoffFunctions${fn}Function`);
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });
});

describe('every function', () => {
  const functions = template.ofType('AWS::Lambda::Function');
  const [messagesKeyId] = template.one('AWS::KMS::Key', 'DropoffKeysMessages');

  it('is one of the pipeline: the CDK added none', () => {
    expect(functions).toHaveLength(7);
  });

  it.each(functions)('%s runs on Node 24 and arm64', (_id, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
  });

  it.each(functions)('%s writes to an encrypted log group with a retention', (_id, { Properties }) => {
    const [logId] = template.referencesOf(Properties.LoggingConfig);
    expect(template.resources[logId ?? '']).toMatchObject({
      Type: 'AWS::Logs::LogGroup',
      Properties: { RetentionInDays: 30, KmsKeyId: { 'Fn::GetAtt': [messagesKeyId, 'Arn'] } },
    });
  });

  it.each([
    { fn: 'IndexInstances', recursiveLoop: undefined },
    { fn: 'CheckCompletion', recursiveLoop: 'Allow' },
    { fn: 'Compute', recursiveLoop: 'Allow' },
    { fn: 'PollResults', recursiveLoop: 'Allow' },
    { fn: 'Sweep', recursiveLoop: undefined },
    { fn: 'Reconcile', recursiveLoop: undefined },
    { fn: 'ServeApi', recursiveLoop: undefined },
  ])(
    '$fn has recursive loop detection $recursiveLoop, since polling is a loop that Lambda must not stop',
    ({ fn, recursiveLoop }) => {
      const [, { Properties }] = template.one('AWS::Lambda::Function', `DropoffFunctions${fn}Function`);
      expect(Properties.RecursiveLoop).toBe(recursiveLoop);
    },
  );

  it.each([
    { region: 'mx-central-1', recursionControl: undefined, isSet: false },
    { region: 'mx-central-1', recursionControl: true, isSet: true },
    { region: 'eu-central-1', recursionControl: undefined, isSet: true },
    { region: undefined, recursionControl: false, isSet: false },
  ])('in $region with recursionControl $recursionControl: the setting is there: $isSet', (row) => {
    const { region, recursionControl, isSet } = row;
    const deployed = synthesize({
      ...(region !== undefined && { env: { account: '111111111111', region } }),
      ...(recursionControl !== undefined && { recursionControl }),
    });
    expect(JSON.stringify(deployed.resources).includes('"RecursiveLoop"')).toBe(isSet);
  });
});

describe.each([
  { fn: 'Sweep', schedule: 'rate(1 minute)', input: undefined },
  { fn: 'Reconcile', schedule: 'rate(15 minutes)', input: '{"pass":{"repair":true}}' },
])('the schedule of $fn', ({ fn, schedule, input }) => {
  it('starts runs that end before the next, and repeats no failed run', () => {
    const [id, { Properties }] = template.one('AWS::Lambda::Function', `DropoffFunctions${fn}Function`);
    const [, rule] = template.one('AWS::Events::Rule', `Dropoff${fn}Schedule`);
    expect(rule.Properties).toMatchObject({
      ScheduleExpression: schedule,
      State: 'ENABLED',
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [id, 'Arn'] },
          RetryPolicy: { MaximumRetryAttempts: 0 },
          ...(input === undefined ? {} : { Input: input }),
        },
      ],
    });
    const minutes = Number(/\d+/.exec(schedule)?.[0]);
    expect(Properties.Timeout).toBeLessThanOrEqual(minutes * 60);
    const [, invoke] = template.one('AWS::Lambda::EventInvokeConfig', `DropoffFunctions${fn}`);
    expect(invoke.Properties).toMatchObject({ MaximumRetryAttempts: 0 });
  });
});

it('has the function without a schedule with reconcilesDaily: false', () => {
  const { app, stack } = newStack({ reconcilesDaily: false });
  const other = new SynthesizedTemplate(app.synth().getStackByName(stack.stackName).template);
  expect(other.ofType('AWS::Events::Rule')).toHaveLength(1);
  expect(other.one('AWS::Lambda::Function', 'DropoffFunctionsReconcileFunction')).toBeDefined();
});

import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import type { Runtime } from '../../functions/aws/lambda/runtime.ts';
import { createHandler as checkCompletion } from '../../functions/handlers/check-completion/handler.ts';
import { createDeps as checkCompletionDeps } from '../../functions/handlers/check-completion/index.ts';
import { createHandler as compute } from '../../functions/handlers/compute/handler.ts';
import { createDeps as computeDeps } from '../../functions/handlers/compute/index.ts';
import { createHandler as indexInstances } from '../../functions/handlers/index-instances/handler.ts';
import { createDeps as indexInstancesDeps } from '../../functions/handlers/index-instances/index.ts';
import { createHandler as pollResults } from '../../functions/handlers/poll-results/handler.ts';
import { createDeps as pollResultsDeps } from '../../functions/handlers/poll-results/index.ts';
import {
  type ReconcileAnswer,
  createHandler as reconcile,
} from '../../functions/handlers/reconcile/handler.ts';
import { createDeps as reconcileDeps } from '../../functions/handlers/reconcile/index.ts';
import { createHandler as serveApi } from '../../functions/handlers/serve-api/handler.ts';
import { createDeps as serveApiDeps } from '../../functions/handlers/serve-api/index.ts';
import { createHandler as sweep } from '../../functions/handlers/sweep/handler.ts';
import { createDeps as sweepDeps } from '../../functions/handlers/sweep/index.ts';
import type { DeadLetterQueuesVariable } from '../../functions/recovery/dead-letters/dead-letter.ts';
import { defined } from '../../functions/shared/defined.ts';
import { API, STAGES as LIMITS, RECONCILE, type StageName, SWEEP } from '../../infra/limits.ts';
import { clientOf, type Wire } from '../services/wire.ts';
import type { Stage } from './faults.ts';
import type { FunctionProcess } from './function-process.ts';
import { withHeldReads } from './held-reads.ts';
import { jobOf, type Work } from './invocation.ts';
import { qureClientOf } from './qure-client.ts';
import { type Handler, type Invocation, SimulatedFunction } from './simulated-function.ts';
import type { SimulatedWorld } from './world.ts';
import {
  arnOf,
  DROP_BUCKET,
  deadLetterName,
  EVENT_BUS,
  PATIENT_KEY_ARN,
  PATIENT_KEY_SECRET,
  RESULTS_BUCKET,
  SECRETS_PREFIX,
  SOURCES_PATH,
  STAGE_NAMES,
  TABLE,
} from './world-names.ts';

type QueueFunction = SimulatedFunction<SQSEvent, SQSBatchResponse>;
export type ApiAnswer = Invocation<APIGatewayProxyStructuredResultV2>;

/** The functions of the pipeline, each with the wiring of its own `index.ts` over the simulated services. */
export interface Stages {
  consumerOf(queue: StageName): QueueFunction;
  /** The schedules go on for as long as there is something to look after. */
  startSchedules(): void;
  isIdle(): boolean;
  /** What a person asks for, without regard to what is young: with the cursor of each answer until there is none. */
  reconcileAll(): Promise<ReconcileAnswer['findings']>;
  callApi(method: string, path: string, body?: unknown, query?: Record<string, string>): Promise<ApiAnswer>;
}

const MINUTE_MS = 60_000;
const TRACE_HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
/** Much less than a scheduled pass takes for settled, so that it meets what is still on its way. */
const YOUNG_SECONDS = 120;

export function createStages(world: SimulatedWorld): Stages {
  const env = environmentOf(world);
  const create = <Event, Result>(
    stage: Stage,
    timeoutSeconds: number,
    handler: (runtime: Runtime) => Handler<Event, Result>,
    byTicket?: (event: Event) => Work,
  ) =>
    new SimulatedFunction<Event, Result>(
      {
        stage,
        timeoutSeconds,
        maxSkewMs: world.scenario.maxSkewMs,
        create: (process) => handler(runtimeOf(world, process)),
        ...(byTicket === undefined ? {} : { jobOf: byTicket }),
      },
      world,
    );
  const byTicket = (event: SQSEvent) => jobOf(event, world.rows);
  const consumers: Record<Exclude<Stage, 'sweep' | 'reconcile' | 'serve-api'>, QueueFunction> = {
    'index-instances': create('index-instances', LIMITS.ingest.timeoutSeconds, (runtime) =>
      indexInstances(withHeldReads(indexInstancesDeps(env, runtime), world.scheduler)),
    ),
    'check-completion': create('check-completion', LIMITS.completion.timeoutSeconds, (runtime) =>
      checkCompletion(withHeldReads(checkCompletionDeps(env, runtime), world.scheduler)),
    ),
    compute: create(
      'compute',
      LIMITS.compute.timeoutSeconds,
      (runtime) => compute(computeDeps(env, runtime)),
      byTicket,
    ),
    'poll-results': create(
      'poll-results',
      LIMITS.results.timeoutSeconds,
      (runtime) => pollResults(pollResultsDeps(env, runtime)),
      byTicket,
    ),
  };
  const sweeper = create<unknown, unknown>('sweep', SWEEP.timeoutSeconds, (runtime) =>
    sweep(sweepDeps(env, runtime)),
  );
  const reconciler = create<unknown, ReconcileAnswer | object>(
    'reconcile',
    RECONCILE.timeoutSeconds,
    (runtime) => reconcile(withHeldReads(reconcileDeps(env, runtime), world.scheduler)),
  );
  const api = create<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(
    'serve-api',
    API.timeoutSeconds,
    (runtime) => {
      const handle = serveApi(serveApiDeps(env, runtime));
      return (event) => handle(event);
    },
  );
  let areSchedulesOn = false;
  let minutes = 0;
  const everyMinute = () => {
    if (world.isAtRest) {
      areSchedulesOn = false;
      return;
    }
    // A sweep that finds nothing only reads: most of those are left out, for speed.
    const isWorthIt = world.hasSomethingDue() || world.random.isOneIn(5);
    if (isWorthIt && !world.plan.ofDelivery('sweep', 'not_invoked')) void sweeper.invoke({});
    minutes += 1;
    const { reconcilesEveryMinutes: every } = world.scenario;
    const isToReconcile = every !== undefined && minutes % every === 0;
    if (isToReconcile && !world.plan.ofDelivery('reconcile', 'not_invoked')) {
      void reconciler.invoke({ repair: true, minAgeSeconds: YOUNG_SECONDS });
    }
    world.scheduler.plan(MINUTE_MS, everyMinute);
  };
  const all = [...Object.values(consumers), sweeper, reconciler, api];
  return {
    consumerOf: (queue) => consumers[CONSUMERS[queue]],
    startSchedules() {
      if (areSchedulesOn) return;
      areSchedulesOn = true;
      world.scheduler.plan(world.random.between(0, MINUTE_MS), everyMinute);
    },
    isIdle: () => all.every(({ active }) => active === 0),
    async reconcileAll() {
      const found: ReconcileAnswer['findings'] = [];
      let cursor: string | undefined;
      do {
        const request = { repair: true, minAgeSeconds: 0, ...defined({ cursor }) };
        const answer = await reconciler.invoke(request);
        if (answer.kind !== 'answered' || !('findings' in answer.result)) break;
        found.push(...answer.result.findings);
        cursor = answer.result.cursor;
      } while (cursor !== undefined);
      return found;
    },
    callApi: (method, rawPath, body, query = {}) =>
      api.invoke({
        version: '2.0',
        rawPath,
        queryStringParameters: query,
        requestContext: { http: { method, path: rawPath } },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      } as APIGatewayProxyEventV2),
  };
}

const CONSUMERS = {
  ingest: 'index-instances',
  completion: 'check-completion',
  compute: 'compute',
  urgentCompute: 'compute',
  results: 'poll-results',
  urgentResults: 'poll-results',
} as const satisfies Record<StageName, Stage>;

/** What every function is told, by the names of `ENV`. */
export function environmentOf({ pipeline }: SimulatedWorld) {
  const { service: queues } = pipeline;
  return {
    appName: 'simulation',
    tableName: TABLE,
    dropBucket: DROP_BUCKET,
    resultsBucket: RESULTS_BUCKET,
    ingestQueueUrl: queues.urlOf('ingest'),
    completionQueueUrl: queues.urlOf('completion'),
    computeQueueUrl: queues.urlOf('compute'),
    urgentComputeQueueUrl: queues.urlOf('urgentCompute'),
    resultsQueueUrl: queues.urlOf('results'),
    urgentResultsQueueUrl: queues.urlOf('urgentResults'),
    eventBusName: EVENT_BUS,
    sourcesPath: SOURCES_PATH,
    secretsPrefix: SECRETS_PREFIX,
    patientKeySecret: PATIENT_KEY_SECRET,
    deadLetterQueues: JSON.stringify({
      arn: arnOf('ingest'),
      url: queues.urlOf('ingest'),
      queues: STAGE_NAMES.map((stage) => ({
        stage,
        name: stage,
        deadLetters: deadLetterName(stage),
        maxReceives: LIMITS[stage].maxReceives,
      })),
    } satisfies DeadLetterQueuesVariable),
  };
}

/** Everything that a function has of the world goes through its process, which can die. */
export function runtimeOf(world: SimulatedWorld, process: FunctionProcess): Runtime {
  const wire: Wire = (request) => process.wire(world.observe(process.stage, request));
  return {
    table: {
      client: clientOf(world.table, wire),
      tableName: TABLE,
      sleep: (ms) => process.sleep(ms),
      random: world.random.next,
    },
    s3: clientOf(world.buckets, wire),
    sqs: clientOf(world.pipeline.service, wire),
    eventBridge: clientOf(world.eventBus, wire),
    ssm: clientOf(world.parameters, wire),
    secretsManager: clientOf(world.secrets, wire),
    ...(world.scenario.patients === undefined
      ? {}
      : { patientKms: { kms: clientOf(world.kms, wire), keyId: PATIENT_KEY_ARN } }),
    qure: qureClientOf(world.qure, process),
    clock: process.clock,
    random: world.random.next,
    // Nothing in a simulated download listens to it.
    timeoutSignal: () => new AbortController().signal,
    traceHeader: () => TRACE_HEADER,
    log: process.log,
    meter: process.meter,
  };
}

/** Where faults are injected; the functions of `functions/`. */
export const STAGES = [
  'index-instances',
  'check-completion',
  'compute',
  'poll-results',
  'sweep',
  'reconcile',
  'serve-api',
] as const;
export type Stage = (typeof STAGES)[number];

const QUEUED: readonly Stage[] = ['index-instances', 'check-completion', 'compute', 'poll-results'];
const SCHEDULED: readonly Stage[] = ['sweep', 'reconcile'];

/** One request that a stage makes of the world, for example `dynamodb` and `PutCommand`, or `qure` and `compute`. */
export interface Target {
  service: string;
  operation: string;
}

interface FaultRule {
  /** What happens, for the coverage table and for people who read a scenario. */
  says: string;
  stages: readonly Stage[];
  /** Whether the fault can befall this request; absent for what befalls deliveries. */
  befalls?: (target: Target) => boolean;
}

const isAws = ({ service }: Target) => service !== 'qure';
const isAny = () => true;
const operation =
  (...operations: string[]) =>
  (target: Target) =>
    operations.includes(target.operation);
const qure =
  (...operations: string[]) =>
  (target: Target) =>
    target.service === 'qure' && (operations.length === 0 || operations.includes(target.operation));

const TO_QURE: readonly Stage[] = ['compute', 'poll-results'];

/** Everything that can go wrong. Each fault is counted at each stage that it befalls (coverage.ts). */
export const FAULTS = {
  // What can befall each request, to AWS and to Qure alike.
  died_before: { says: 'the function died before the request', stages: STAGES, befalls: isAny },
  died_after: { says: 'the function died with the effect made', stages: STAGES, befalls: isAny },
  died_during: { says: 'the function died, the effect came later', stages: STAGES, befalls: isAny },
  lost_request: { says: 'time-out without effect', stages: STAGES, befalls: isAny },
  lost_answer: { says: 'time-out with effect', stages: STAGES, befalls: isAny },
  late_effect: { says: 'time-out, the effect came later', stages: STAGES, befalls: isAny },
  repeated_request: { says: 'the SDK asked again, both took effect', stages: STAGES, befalls: isAws },
  slow: { says: 'an answer after minutes', stages: STAGES, befalls: isAny },
  throttled: { says: 'AWS throttled', stages: STAGES, befalls: isAws },
  // What single operations of AWS do.
  partial_write: {
    says: 'BatchWriteItem left items unprocessed',
    stages: ['index-instances', 'check-completion', 'reconcile'],
    befalls: operation('BatchWriteItem'),
  },
  partial_read: {
    says: 'BatchGetItem left keys unprocessed',
    stages: [...QUEUED, 'reconcile', 'serve-api'],
    befalls: operation('BatchGetItem'),
  },
  partial_events: {
    says: 'PutEvents refused a part',
    stages: [...QUEUED, 'sweep', 'reconcile'],
    befalls: operation('PutEvents'),
  },
  partial_send: {
    says: 'SendMessageBatch refused a part',
    stages: ['serve-api'],
    befalls: operation('SendMessageBatch'),
  },
  stale_index: {
    says: 'an index was behind its table',
    stages: ['sweep', 'serve-api'],
    befalls: operation('Query'),
  },
  miscounted_queue: {
    says: 'SQS guessed its messages wrong',
    stages: ['check-completion'],
    befalls: operation('GetQueueAttributes'),
  },
  unreadable_object: {
    says: 'S3 refused an object',
    stages: ['index-instances', 'check-completion', 'reconcile'],
    befalls: operation('GetObject'),
  },
  cut_body: { says: 'S3 broke an object off', stages: ['compute'], befalls: operation('GetObject') },
  // What befalls deliveries.
  late_event: { says: 'an S3 event came minutes late', stages: ['index-instances'] },
  repeated_event: { says: 'S3 sent an event again', stages: ['index-instances'] },
  lost_event: { says: 'an S3 event never came', stages: ['index-instances'] },
  mixed_drop: {
    says: 'a sender gave an instance to another study or patient',
    stages: ['index-instances'],
  },
  parts_drop: {
    says: 'an object came in parts, which S3 dates by the beginning',
    stages: ['index-instances'],
  },
  late_drop: { says: 'a sender lost an instance, and dropped it later', stages: ['index-instances'] },
  late_expiry: { says: 'DynamoDB kept rows that had expired', stages: ['check-completion'] },
  reused_key: {
    says: 'a sender put an archive of another study over one that was being indexed',
    stages: ['check-completion'],
  },
  damaged_drop: {
    says: 'a sender dropped a gzip that breaks, or an archive that is cut off',
    stages: ['index-instances'],
  },
  late_delivery: { says: 'SQS kept a message back', stages: QUEUED },
  repeated_delivery: { says: 'SQS gave a message twice at once', stages: QUEUED },
  lost_ack: { says: 'the work was done, its message came again', stages: QUEUED },
  stopped_ingest: { says: 'no indexer ran for ten minutes', stages: ['index-instances'] },
  not_invoked: { says: 'Lambda had no room', stages: [...QUEUED, ...SCHEDULED] },
  // What Qure and the way to it do (docs/qure-api.md).
  qure_down: { says: 'Qure answered 503', stages: TO_QURE, befalls: qure() },
  qure_proxy: { says: 'a proxy answered 502 with a page', stages: TO_QURE, befalls: qure() },
  qure_busy: { says: 'Qure answered 429 and when to come', stages: TO_QURE, befalls: qure() },
  qure_login_page: { says: 'a page came instead of the answer', stages: TO_QURE, befalls: qure() },
  qure_part_refused: { says: 'a part was not registered', stages: ['compute'], befalls: qure('upload') },
  qure_part_unclear: { says: 'the answer left a part out', stages: ['compute'], befalls: qure('upload') },
  qure_short_count: { says: 'the receipt was behind', stages: ['compute'], befalls: qure('upload') },
  qure_too_large: { says: 'a proxy found it too large', stages: ['compute'], befalls: qure('upload') },
  qure_refused_batch: { says: 'Qure refused a whole request', stages: ['compute'], befalls: qure('upload') },
  qure_forgot_instance: {
    says: 'Qure forgot an instance that it had registered',
    stages: ['compute'],
    befalls: qure('upload'),
  },
  qure_kept_content: {
    says: 'Qure kept the content that it had, and answered for the new one',
    stages: ['compute'],
    befalls: qure('upload'),
  },
  qure_not_yet: {
    says: '404 though it was uploaded',
    stages: TO_QURE,
    befalls: qure('compute', 'results', 'instance-results'),
  },
  qure_forgot_series: {
    says: 'Qure lost the series',
    stages: TO_QURE,
    befalls: qure('compute', 'results', 'instance-results'),
  },
  qure_exchanged: {
    says: 'the source got another Qure while it had the series',
    stages: TO_QURE,
  },
  qure_not_computed: {
    says: '409 though it was accepted',
    stages: ['poll-results'],
    befalls: qure('results'),
  },
  qure_undetermined: {
    says: '400 that is no verdict',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_slow: {
    says: 'the computation took an hour more',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_other_model: {
    says: 'Qure took another model from here on',
    stages: ['compute'],
    befalls: qure('upload', 'compute'),
  },
  qure_other_xray: {
    says: 'Qure read X-rays by the other of their products from here on',
    stages: ['compute'],
    befalls: qure('upload'),
  },
  qure_old_result: {
    says: 'the result of the computation before was served once more',
    stages: ['poll-results'],
    befalls: qure('results'),
  },
  qure_not_read: {
    says: '200 for a scan that was not read',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_other_product: {
    says: 'another product answered',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_empty_result: {
    says: 'the result was empty',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_bad_link: {
    says: 'a link led to a file',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_legacy: {
    says: 'the result came in the older format',
    stages: ['poll-results'],
    befalls: qure('results', 'instance-results'),
  },
  qure_login_body: {
    says: '400 or 403 with the body of the login',
    stages: TO_QURE,
    befalls: qure('upload', 'compute', 'results', 'instance-results'),
  },
  qure_no_file: {
    says: '400 or 401 that says that no file came',
    stages: ['compute'],
    befalls: qure('upload'),
  },
  qure_denied_series: {
    says: '403 for one series',
    stages: TO_QURE,
    befalls: qure('upload', 'compute', 'results', 'instance-results'),
  },
  asset_expired: { says: 'a link had expired', stages: ['poll-results'], befalls: qure('asset') },
  asset_broken: { says: 'an asset broke off', stages: ['poll-results'], befalls: qure('asset') },
  asset_foreign: {
    says: 'an asset was of another study or patient',
    stages: ['poll-results'],
    befalls: qure('asset'),
  },
  asset_down: { says: 'object storage answered 503', stages: ['poll-results'], befalls: qure('asset') },
} as const satisfies Record<string, FaultRule>;

export type FaultKind = keyof typeof FAULTS;

export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

export function ruleOf(kind: FaultKind): FaultRule {
  return FAULTS[kind];
}

/** All places for a fault: what the coverage table must show, without an empty one. */
export const FAULT_PLACES: readonly { kind: FaultKind; stage: Stage }[] = FAULT_KINDS.flatMap((kind) =>
  FAULTS[kind].stages.map((stage) => ({ kind, stage })),
);

/** Not by number, but by what a scenario has: what comes after all was done (`aftermath.ts`), or follows a step of a walk or a state of a series. */
const OF_SCENARIO: readonly FaultKind[] = ['late_expiry', 'reused_key', 'qure_exchanged'];

/** Those that befall requests and deliveries. */
export const PLANNED_PLACES = FAULT_PLACES.filter(({ kind }) => !OF_SCENARIO.includes(kind));

/** A request as a fault of a kept scenario names it, for example `qure/upload` or `dynamodb/GetItem`. */
export type OperationName = `${string}/${string}`;

export function operationName({ service, operation }: Target): OperationName {
  return `${service}/${operation}`;
}

/** Befalls the `nth` request or delivery of the stage that it can befall. */
export interface PlannedFault {
  kind: FaultKind;
  stage: Stage;
  /** From 1. */
  nth: number;
  /** Only requests of this operation count. A kept scenario names it, so that a new request elsewhere in the stage does not move its faults. */
  operation?: OperationName;
  /** Of `slow`, `late_effect` and `died_during`. Absent: by chance. A kept scenario names it, for the same reason. */
  timing?: FaultTiming;
}

/** Seconds from the request to its effect, and to its answer or time-out. */
export interface FaultTiming {
  effectSeconds: number;
  answerSeconds: number;
}

/** For some time, one in so many requests or deliveries of any stage is befallen. */
export interface AmbientFault {
  kind: FaultKind;
  fromSeconds: number;
  forSeconds: number;
  oneIn: number;
}

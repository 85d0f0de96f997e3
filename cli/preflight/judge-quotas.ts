import { STAGES } from '../../infra/stage-limits.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Executions that the event source mappings may start at once, with the default stages. */
export const NEEDED_EXECUTIONS = Object.values(STAGES).reduce((sum, stage) => sum + stage.maxConcurrency, 0);

/** What `npm run bench -- scale` counts for a hospital, of whose instances 2 % are X-rays; docs/benchmarks.md, "Scale". */
const EXECUTIONS_OF_A_MILLION = 24;
const UNITS_OF_AN_INSTANCE = 4.3;
const SECONDS_OF_INGEST = 0.47;
/** The busiest hour of a day, and a fifth more. */
const PEAK = 2.2 * 1.2;
const SECONDS_A_DAY = 86_400;
/** Each process reads the parameters of ten sources in one request, at most so often. */
const SECONDS_BETWEEN_LOADS = 50;

export interface Need {
  executions: number;
  /** Of the table, a second. The share of reads is like that of writes. */
  units: number;
  /** To Parameter Store, a second. */
  parameterRequests: number;
}

/** What so many instances a day need, and at least what the default stages can use. */
export function needOf(instancesADay = 0): Need {
  const executions = Math.max(
    NEEDED_EXECUTIONS,
    Math.ceil((instancesADay / 1_000_000) * EXECUTIONS_OF_A_MILLION),
  );
  const ofTheStage = (STAGES.ingest.maxConcurrency * STAGES.ingest.batchSize) / SECONDS_OF_INGEST;
  const objects = Math.max(ofTheStage, (instancesADay / SECONDS_A_DAY) * PEAK);
  return {
    executions,
    units: Math.ceil(objects * UNITS_OF_AN_INSTANCE),
    parameterRequests: Math.ceil(executions / SECONDS_BETWEEN_LOADS),
  };
}

/** Units a second that one table may use. */
export interface TableQuotas {
  readUnits: number;
  writeUnits: number;
}

/** As Service Quotas calls them. Source: AWS General Reference, "Amazon DynamoDB endpoints and quotas". */
const TABLE_QUOTAS = { readUnits: 'L-CF0CBE56', writeUnits: 'L-AB614373' } as const;

export function judgeTable(quotas: TableQuotas, { units }: Need): Finding[] {
  return (['readUnits', 'writeUnits'] as const).map((name) => {
    const kind = name === 'readUnits' ? 'read' : 'write';
    const detail = `DynamoDB allows a table ${quotas[name]} ${kind} units a second; the pipeline may use ${units}`;
    const fix = `Request more: aws service-quotas request-service-quota-increase --service-code dynamodb --quota-code ${TABLE_QUOTAS[name]} --desired-value ${2 * units}`;
    return quotas[name] >= units ? ok(`table-${kind}s`, detail) : problem(`table-${kind}s`, detail, fix);
  });
}

/** Source: AWS General Reference, "AWS Systems Manager endpoints and quotas": GetParametersByPath. */
const PARAMETER_REQUESTS = { standard: 40, higher: 100 };

export function judgeParameters(isHigher: boolean, { parameterRequests }: Need): Finding {
  const check = 'parameter-requests';
  const allowed = isHigher ? PARAMETER_REQUESTS.higher : PARAMETER_REQUESTS.standard;
  const detail = `Parameter Store allows ${allowed} requests a second; ten sources may need ${parameterRequests}`;
  if (parameterRequests <= allowed) return ok(check, detail);
  const raise =
    'Raise it: aws ssm update-service-setting --setting-id /ssm/parameter-store/high-throughput-enabled --setting-value true';
  const spread = 'Spread the sources over several accounts.';
  return problem(check, detail, isHigher ? spread : raise);
}

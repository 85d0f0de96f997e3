import type { Billed, BilledVariable } from '../../api/month-cost.ts';
import type { SignIn } from '../../api/sign-in.ts';
import { ENV } from '../../shared/environment.ts';
import { METRICS_BY_SOURCE, type MetricsBySource } from '../../shared/metrics.ts';
import { checkedTraceHeader } from '../../shared/trace-header.ts';

export type EnvKey = keyof typeof ENV;

/** All variables that are missing or empty, named at once. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Reads the variables that a function needs, once, when it starts; a value goes by the key that its variable has in `ENV`. With
 * `surroundings.ts` the only reader of `process.env`. Throws `EnvironmentError` naming every variable that is missing or empty.
 */
export function readEnv<K extends EnvKey>(
  keys: readonly K[],
  environment: Record<string, string | undefined> = process.env,
): Record<K, string> {
  const entries = keys.map((key): [K, string] => [key, environment[ENV[key]] ?? '']);
  const missing = entries.filter(([, value]) => value === '').map(([key]) => ENV[key]);
  if (missing.length > 0) {
    throw new EnvironmentError(
      `expected these environment variables to be set: ${missing.join(', ')}; see infra/`,
    );
  }
  return Object.fromEntries(entries) as Record<K, string>;
}

/** May be missing: then there is no sign-in. */
export function readSignIn(
  environment: Record<string, string | undefined> = process.env,
): SignIn | undefined {
  const written = environment[ENV.signIn];
  return written === undefined ? undefined : (JSON.parse(written) as SignIn);
}

/** May be missing: then no patient is kept or shown. */
export function readPhiKey(
  environment: Record<string, string | undefined> = process.env,
): string | undefined {
  return environment[ENV.phiKey] || undefined;
}

/**
 * May be missing or empty: then there is no bill. No function can be told its own name by the template that makes it.
 * Source: AWS Lambda developer guide, "Defined runtime environment variables".
 */
export function readBilled(
  environment: Record<string, string | undefined> = process.env,
): (BilledVariable & Pick<Billed, 'region'>) | undefined {
  const written = environment[ENV.billed] || undefined;
  if (written === undefined) return undefined;
  const { functions, ...rest } = JSON.parse(written) as BilledVariable;
  const itself = {
    name: environment['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    memoryMb: Number(environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']),
  };
  return { ...rest, functions: [...functions, itself], region: environment['AWS_REGION'] ?? '' };
}

/** May be missing: then each metric is kept for each source. */
export function readMetricsBySource(
  environment: Record<string, string | undefined> = process.env,
): MetricsBySource {
  return METRICS_BY_SOURCE.find((kept) => kept === environment[ENV.metricsBySource]) ?? 'all';
}

/**
 * The trace of the present invocation; Lambda's runtime sets it anew for each.
 * Source: AWS Lambda developer guide, "Defined runtime environment variables".
 */
export function readTraceHeader(
  environment: Record<string, string | undefined> = process.env,
): string | undefined {
  return checkedTraceHeader(environment['_X_AMZN_TRACE_ID']);
}

/**
 * Whether Lambda runs this process.
 * Source: AWS Lambda developer guide, "Defined runtime environment variables".
 */
export function isUnderLambda(environment: Record<string, string | undefined> = process.env): boolean {
  return environment['_HANDLER'] !== undefined;
}

import { STAGES as LIMITS, type StageName } from '../../infra/limits.ts';

/** How things are called in every simulated world. */
export const START_MS = Date.parse('2026-03-01T08:00:00.000Z');
export const DROP_BUCKET = 'drop';
export const RESULTS_BUCKET = 'results';
export const TABLE = 'series';
export const SOURCES_PATH = '/sources/';
export const SECRETS_PREFIX = 'secrets/';
export const PATIENT_KEY_SECRET = 'patient-key';
export const PATIENT_KEY_ARN = 'arn:aws:kms:eu-central-1:000000000000:key/patients';
export const EVENT_BUS = 'default';

export function sourceName(source: number): string {
  return ['alpha', 'beta', 'gamma'][source] ?? 'delta';
}

export const STAGE_NAMES = Object.keys(LIMITS) as StageName[];

export function deadLetterName(stage: StageName): string {
  return `${stage}-dead-letters`;
}

export function arnOf(stage: StageName): string {
  return `arn:aws:sqs:eu-central-1:000000000000:${stage}`;
}

/** `isOther`: of the Qure that comes in place of the first one. */
export function workspaceOf(source: number, isOther = false): string {
  return `${isOther ? 'other-' : ''}workspace-${sourceName(source)}`;
}

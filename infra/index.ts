/**
 * The exports of the package for a CDK app. Everything else in this repository is a detail that may change; an exported
 * name or property changes with a new minor version at the earliest.
 */

export { EVENT_SCHEMAS, type JsonSchema } from '../functions/series/event-schemas.ts';
export { EVENT_SOURCE, type EventDetails } from '../functions/series/events.ts';
export { DETAIL_TYPES, type DetailType } from '../functions/shared/detail-types.ts';
export type { MetricsBySource } from '../functions/shared/metrics.ts';
export type { Phi } from '../functions/shared/phi.ts';
export type { SourceDocument } from '../functions/sources/source-document.ts';
export type { AlarmSeverity } from './constructs/add-alarm.ts';
export { Alarms, type PipelineAlarm } from './constructs/alarms.ts';
export { EncryptionKeys } from './constructs/encryption-keys.ts';
export type { EventFilter } from './constructs/event-pattern.ts';
export type { OnEventProps } from './constructs/event-rule.ts';
export type { NetworkProps } from './constructs/function-network.ts';
export type { DeploymentMetricOptions, SourceMetricOptions } from './constructs/measured-construct.ts';
export { PatientKey } from './constructs/patient-key.ts';
export { PipelineFunction } from './constructs/pipeline-function.ts';
export { PipelineFunctions } from './constructs/pipeline-functions.ts';
export { PipelineQueue } from './constructs/pipeline-queue.ts';
export { DEFAULT_SOURCES, type DeployedSource, Sources } from './constructs/sources.ts';
export { FUNCTION_NAMES, type FunctionName } from './function-names.ts';
export type { QureDropoffAttributes } from './imported-qure-dropoff.ts';
export type { CanaryOptions } from './options/canary-settings.ts';
export { MistakesError } from './options/mistakes-error.ts';
export type { ConsoleOptions, SignInOptions } from './options/sign-in.ts';
export { readSourcesFile, toDeployedSources } from './options/sources-file.ts';
export type { PrioritizedStageSettings, StageSettings, StagesSettings } from './options/stage-settings.ts';
export { type ExistingDropBucket, QureDropoff, type QureDropoffProps } from './qure-dropoff.ts';
export type { IQureDropoff, MetricMethod } from './qure-dropoff-base.ts';
export { QureDropoffStack, type QureDropoffStackProps } from './qure-dropoff-stack.ts';

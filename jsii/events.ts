import type * as events from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';

/** Every kind of event that the pipeline publishes. */
export enum DetailType {
  /** Every instance is here. */
  SERIES_COMPLETE = 'Series Complete',
  /** Qure has accepted it. */
  SERIES_COMPUTING = 'Series Computing',
  /** Its results are stored. */
  SERIES_DONE = 'Series Done',
  /** No product takes it. */
  SERIES_SKIPPED = 'Series Skipped',
  /** Qure's final answer: unsupported or invalid scan. */
  SERIES_UNSUPPORTED = 'Series Unsupported',
  /** It needs manual action. */
  SERIES_FAILED = 'Series Failed',
  /** Other instances replace it. */
  SERIES_SUPERSEDED = 'Series Superseded',
  /** A result shows another version of a model. */
  MODEL_VERSION_CHANGED = 'Model Version Changed',
  /** A dropped object cannot be indexed. */
  OBJECT_QUARANTINED = 'Object Quarantined',
}

/** Qure's triage status. */
export enum TriageStatus {
  /** For an X-ray: any abnormality. */
  CRITICAL = 'critical',
  /** Anything else. */
  ROUTINE = 'routine',
}

/** The events and their target. All filters must match. */
export interface OnEventProps {
  /**
   * Kinds of events.
   * @default - every kind that has the members of the other filters
   */
  readonly detailTypes?: DetailType[];
  /**
   * Names of sources of this deployment.
   * @default - every source, also objects that no source's prefix covers
   */
  readonly sources?: string[];
  /**
   * Qure's products, those that a source defines included.
   * @default - every product
   */
  readonly products?: string[];
  /**
   * Keys of findings that Qure calls present. Only with `Series Done` and `Series Failed`.
   * @default - any, or none
   */
  readonly findings?: string[];
  /**
   * Qure's triage status. Only with `Series Done` and `Series Failed`.
   * @default - any, or none
   */
  readonly triageStatus?: TriageStatus;
  /**
   * Codes, as docs/operations.md lists them.
   * @default - every reason
   */
  readonly reasons?: string[];
  /**
   * Receives the events. Add more targets by `addTarget` of the rule.
   * @default - none yet
   */
  readonly target?: events.IRuleTarget;
  /**
   * Where the rule is made: a construct of the target's stack, if that is another one and uses resources of the pipeline.
   * @default - the pipeline
   */
  readonly crossStackScope?: Construct;
  /**
   * The name of the rule.
   * @default - CloudFormation makes one
   */
  readonly ruleName?: string;
  /**
   * The description of the rule.
   * @default - none
   */
  readonly description?: string;
  /**
   * Whether the rule is active.
   * @default true
   */
  readonly enabled?: boolean;
}

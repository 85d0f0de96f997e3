import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { TriageStatus } from '../../functions/qure/answer-facts.ts';
import type { Product } from '../../functions/qure/product.ts';
import { EVENT_SCHEMAS } from '../../functions/series/event-schemas.ts';
import { EVENT_SOURCE } from '../../functions/series/events.ts';
import { DETAIL_TYPES, type DetailType } from '../../functions/shared/detail-types.ts';

/** Which events of the pipeline. All filters must match. */
export interface EventFilter {
  /**
   * Kinds of events.
   * @default every kind that has the members of the other filters
   */
  detailTypes?: readonly DetailType[];
  /**
   * Names of sources of this deployment.
   * @default every source, also objects that no source's prefix covers
   */
  sources?: readonly string[];
  /**
   * Qure's products, those that a source defines included. Not with `Series Skipped` or `Object Quarantined`, which have none.
   * @default every product
   */
  products?: readonly Product[];
  /**
   * Keys of findings that Qure calls present; docs/findings.md lists them. Only with `Series Done` and `Series Failed`.
   * @default any, or none
   */
  findings?: readonly string[];
  /**
   * Qure's triage status; for an X-ray `critical` means any abnormality. Only with `Series Done` and `Series Failed`.
   * @default any, or none
   */
  triageStatus?: TriageStatus;
  /**
   * Codes, as docs/operations.md lists them. Only with `Series Skipped`, `Series Unsupported`, `Series Failed` and
   * `Object Quarantined`.
   * @default every reason
   */
  reasons?: readonly string[];
}

/** The values that a filter may have. */
export interface Deployed {
  /** Names of the sources of the deployment. */
  sources: readonly string[];
  /** The products that are built in, and those that a source defines. */
  products: readonly string[];
}

/**
 * The event pattern of a filter. A filter that can never match is refused, because its rule would look like a rule without
 * events.
 * @throws Error with every mistake: an empty list, an unknown name, a filter on what an event of that kind does not have
 */
export function eventPatternOf(filter: EventFilter, deployed: Deployed): EventPattern {
  const { detailTypes, sources, products, findings, triageStatus, reasons } = filter;
  const detail = {
    ...(sources && { source: [...sources] }),
    ...(products && { product: [...products] }),
    ...(findings && { presentFindings: [...findings] }),
    ...(triageStatus !== undefined && { triageStatus: [triageStatus] }),
    ...(reasons && { reason: [...reasons] }),
  };
  const mistakes = [
    ...unknownOf('detailTypes', detailTypes, DETAIL_TYPES),
    ...unknownOf('sources', sources, deployed.sources),
    ...unknownOf('products', products, deployed.products),
    ...unknownOf('triageStatus', triageStatus === undefined ? undefined : [triageStatus], TRIAGE_STATUSES),
    ...malformed('findings', 'a key of letters, digits, ".", "_" or "-"', FINDING_PATTERN, findings),
    ...malformed('reasons', 'a code of a-z, 0-9 and "_"', REASON_PATTERN, reasons),
    ...impossible(detailTypes, Object.keys(detail)),
  ];
  if (mistakes.length > 0) throw new Error(`Expected a filter of events:\n  ${mistakes.join('\n  ')}`);
  return {
    source: [EVENT_SOURCE],
    ...(detailTypes && { detailType: [...detailTypes] }),
    ...(Object.keys(detail).length > 0 && { detail }),
  };
}

const TRIAGE_STATUSES: readonly TriageStatus[] = ['critical', 'routine'];
/** As codes of routing rules are. */
const REASON_PATTERN = /^[a-z0-9_]+$/;
/** As events have them (`summariesOf`). */
const FINDING_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

function unknownOf(option: string, given: readonly string[] | undefined, known: readonly string[]): string[] {
  if (given === undefined) return [];
  if (given.length === 0) return [`${option}: expected at least one, got none. Leave it out for all of them`];
  return given
    .filter((name) => !known.includes(name))
    .map((name) => `${option}: expected one of ${known.join(', ')}, got "${name}"`);
}

function malformed(
  option: string,
  expected: string,
  pattern: RegExp,
  given: readonly string[] | undefined,
): string[] {
  if (given?.length === 0)
    return [`${option}: expected at least one, got none. Leave it out for all of them`];
  return (given ?? [])
    .filter((value) => !pattern.test(value))
    .map((value) => `${option}: expected ${expected}, got "${value}"`);
}

/** EventBridge matches only if the whole pattern matches, so a kind of event without the member would never match. */
function impossible(detailTypes: readonly DetailType[] | undefined, members: readonly string[]): string[] {
  return (detailTypes ?? []).flatMap((detailType) => {
    const properties = EVENT_SCHEMAS[detailType]?.properties as object | undefined;
    if (properties === undefined) return [];
    return members
      .filter((member) => !Object.hasOwn(properties, member))
      .map((member) => `${detailType} has no ${member}: it would never come. Make a rule of its own for it`);
  });
}

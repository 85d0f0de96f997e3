import type { Context } from 'aws-lambda';
import type { ReconcileDeps } from '../../recovery/reconcile/page-context.ts';
import { reconcilePage } from '../../recovery/reconcile/reconcile-page.ts';
import {
  countFindings,
  decodePosition,
  encodePosition,
  type Finding,
  type FindingCounts,
  type Position,
  START,
} from '../../recovery/reconcile/reconciliation.ts';
import { MIN_AGE_SECONDS, runPass } from '../../recovery/reconcile/run-pass.ts';
import { defined } from '../../shared/defined.ts';
import * as z from '../../shared/schema.ts';
import { findSource } from '../../sources/sources-document.ts';

/** The event of the schedule, or a request of an operator for the next part of a report. */
const reconcileEvent = z.union([
  z.strictObject({
    pass: z.strictObject({
      repair: z.boolean(),
      /** Begins a pass that looks up everything, whatever was looked up before. */
      full: z._default(z.boolean(), false),
    }),
  }),
  z.strictObject({
    repair: z._default(z.boolean(), false),
    source: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
    /** Younger objects and rows are not checked. */
    minAgeSeconds: z._default(z.number().check(z.minimum(0), z.maximum(604_800)), MIN_AGE_SECONDS),
    /** Holds a key of up to 1,024 bytes, escaped and in base64. */
    cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(16_384))),
  }),
]);

/** Part of a report. `cursor`: ask again with it for the next part. */
export interface ReconcileAnswer {
  findings: Finding[];
  counts: FindingCounts;
  cursor?: string;
}

/** The time for one part of a report: shorter than the minute after which the AWS CLI stops reading. */
const MAX_PART_MS = 30_000;
/** An answer may have 6 MB, and a finding 1.5 KB. A page adds up to 1,000. */
const MAX_FINDINGS = 1_000;

/** Compares the drop bucket, the index and Qure's receipts; with `repair`, repairs the drift. */
export function createHandler(deps: ReconcileDeps) {
  return async (
    event: unknown,
    context: Context,
  ): Promise<ReconcileAnswer | { pages: number; isComplete: boolean }> => {
    const request = reconcileEvent.parse(event ?? {});
    if ('pass' in request) {
      const { repair: isRepair, full: isFull } = request.pass;
      return runPass(deps, { isRepair, isFull }, () => context.getRemainingTimeInMillis());
    }
    const { repair: isRepair, source, minAgeSeconds, cursor } = request;
    if (source !== undefined) findSource(await deps.loadSources(), source);
    const endMs = deps.clock().getTime() + MAX_PART_MS;
    const findings: Finding[] = [];
    const rechecked = new Set<string>();
    let position: Position | undefined = cursor === undefined ? START : expectPosition(cursor);
    do {
      const asked = { isRepair, minAgeSeconds, ...defined({ source }) };
      const page: Awaited<ReturnType<typeof reconcilePage>> = await reconcilePage(
        deps,
        asked,
        position,
        rechecked,
      );
      findings.push(...page.findings);
      position = page.next;
    } while (position !== undefined && findings.length < MAX_FINDINGS && deps.clock().getTime() < endMs);
    return {
      findings,
      counts: countFindings(findings),
      ...(position === undefined ? {} : { cursor: encodePosition(position) }),
    };
  };
}

function expectPosition(cursor: string): Position {
  const position = decodePosition(cursor);
  if (position === undefined)
    throw new Error('expected the cursor of an earlier answer; start again without one');
  return position;
}

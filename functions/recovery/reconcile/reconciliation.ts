import type { Instance, InstanceId, StoredObject } from '../../instances/instance.ts';
import type { QuarantinedObject } from '../../instances/quarantine.ts';
import * as z from '../../shared/schema.ts';
import type { Instant } from '../../shared/time.ts';

/** The kinds of drift between the drop bucket, the index and Qure's receipts; docs/operations.md explains each. */
export const FINDING_KINDS = [
  /** An object that no row knows. */
  'object_unknown',
  /** Another source has indexed it from the same key, which was its own then. */
  'object_of_other_source',
  /** Its key lies below no source's prefix, and no quarantine row says so. */
  'object_unowned',
  /** A `_COMPLETE` object that is not registered. */
  'marker_unknown',
  /** The object of a row is gone, and the same content lies under another key. */
  'object_moved',
  /** The object of a row is gone or replaced, and the series still needs it. */
  'row_without_object',
  /** Instance rows without a series. */
  'series_missing',
  /** The rows are another set than the one that was judged complete. */
  'set_differs',
  /** Qure's receipts count fewer instances than were judged complete. */
  'receipt_short',
  /** Overdue for so long that the sweep should have sent its message. */
  'stuck',
  /** An open series without `dueAt`: the sweep never finds it. */
  'not_scheduled',
  /** A quarantine row of an object that is gone. */
  'quarantine_stale',
  /** A quarantine row of content that is no longer there: other content lies under its key. */
  'quarantine_outdated',
  /** S3 refuses an object, so that it is not known whether a row stands for it. */
  'object_unreadable',
  /** A page that failed again and again: the pass went on without it. */
  'page_failed',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * `reported`: no repair was requested. `repaired`: the pipeline continues by itself. `pending`: checked again later, because
 * the object may come back. `skipped`: a repair could do harm. `failed`: the repair did not work; it is safe to repeat.
 */
export const FINDING_OUTCOMES = ['reported', 'repaired', 'pending', 'skipped', 'failed'] as const;
export type FindingOutcome = (typeof FINDING_OUTCOMES)[number];

/** The key may hold a patient's name: it goes into the report that was asked for, never into a log. */
export interface Finding {
  kind: FindingKind;
  outcome: FindingOutcome;
  source?: string;
  seriesInstanceUid?: string;
  sopInstanceUid?: string;
  key?: string;
  /** Of S3, for an object that it refuses. */
  code?: string;
}

/** How many, by `<source> <kind> <outcome>`; `-` where the source is unknown. */
export type FindingCounts = Record<string, number>;

export function countFindings(
  findings: readonly Finding[],
  before: Readonly<FindingCounts> = {},
): FindingCounts {
  const counts: FindingCounts = { ...before };
  for (const { source = '-', kind, outcome } of findings) {
    const name = `${source} ${kind} ${outcome}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The phases of a pass, in this order: rows are moved to the keys of their objects before any row counts as without one. */
export const PHASES = ['objects', 'missing', 'series', 'quarantine'] as const;
export type Phase = (typeof PHASES)[number];

/** Where a pass resumes: after this key, or with this page. */
export interface Position {
  phase: Phase;
  after?: string;
}

export const START: Position = { phase: PHASES[0] };

const position = z.strictObject({
  phase: z.enum(PHASES),
  after: z.optional(z.string().check(z.minLength(1))),
});

/** The opaque cursor between two calls. */
export function encodePosition(at: Position): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url');
}

/** `undefined` for what `encodePosition` did not make. */
export function decodePosition(text: string): Position | undefined {
  try {
    const read = position.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    if (!read.success) return undefined;
    const { phase, after } = read.data;
    return after === undefined ? { phase } : { phase, after };
  } catch {
    return undefined;
  }
}

/** What follows a page: the rest of its phase, the next phase, or nothing. */
export function nextPosition(at: Position, after: string | undefined): Position | undefined {
  if (after !== undefined) return { phase: at.phase, after };
  const next = PHASES[PHASES.indexOf(at.phase) + 1];
  return next === undefined ? undefined : { phase: next };
}

/** A row whose object was not found, kept until the second check. */
export interface MissingObject extends InstanceId {
  object: StoredObject;
  /** When it was first not found. */
  seenAt: Instant;
}

/** The scheduled comparison, made of many runs (`pass-window.ts`). */
export interface ReconciliationPass {
  startedAt: Instant;
  /** Absent: it has ended. */
  position?: Position;
  counts: FindingCounts;
  /** Runs that began with the page at `position`, and did not end it. */
  failedRuns?: number;
  /** Objects and final series that are older are not looked up. Absent: everything is, in a full pass. */
  since?: Instant;
  /** See `scopeOf`. */
  scope?: string;
  /** The starts of the last pass that checked all that it had to, and of the last full one. Absent: there was none. */
  checked?: { lastAt: Instant; fullAt: Instant; scope: string };
}

/** What reconciliation remembers between its runs, and the rows that it alone takes out. */
export interface ReconcileStore {
  loadPass(): Promise<ReconciliationPass | undefined>;
  /** `replaced`: a pass that began later is under way, and nothing was written. */
  savePass(pass: ReconciliationPass): Promise<'saved' | 'replaced'>;
  /** Remembers when the object of this row was first not found; a note of another object of the row is replaced. */
  saveMissing(missing: MissingObject): Promise<void>;
  /** One page of notes, of one source or of all. */
  listMissing(query: {
    source?: string;
    cursor?: string;
  }): Promise<{ items: MissingObject[]; cursor?: string }>;
  deleteMissing(id: InstanceId): Promise<void>;
  /** Takes a row out as long as it stands for the very object that was read. */
  removeInstance(instance: Instance): Promise<'removed' | 'changed'>;
  /** Takes a quarantine row out as long as it is the one that was read. */
  removeQuarantined(object: QuarantinedObject): Promise<'removed' | 'changed'>;
}

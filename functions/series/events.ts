import { createHash } from 'node:crypto';
import type { QuarantineReason } from '../instances/quarantine.ts';
import type { AnswerFacts, TriageStatus } from '../qure/answer-facts.ts';
import type { Product } from '../qure/product.ts';
import type { SeriesDetailType } from '../shared/detail-types.ts';
import type { Instant } from '../shared/time.ts';
import type { FailureReason, ResultFacts, SeriesState } from './series-facts.ts';

export const EVENT_SOURCE = 'qure-dropoff';

/**
 * What EventBridge carries of a series, whichever the detail type; `EventDetails` says what stands in each. No name,
 * birth date, patient identifier, key of a dropped object or free text ever stands in it.
 */
export interface SeriesEventDetail extends ResultFacts {
  version: '1';
  eventId: string;
  source: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  generation: number;
  state: SeriesState;
  product?: Product;
  triageStatus?: TriageStatus;
  presentFindings?: string[];
  resultKeys: string[];
  reason?: string;
  /** The later generation, whose result stands in place of the one that the event speaks of. */
  supersededBy?: number;
  at: Instant;
}

export interface QuarantineEventDetail {
  version: '1';
  eventId: string;
  source: string | null;
  /** Finds the object's key by `GET /v1/quarantine`; the key itself may hold a name and stays out of events. */
  quarantineId: string;
  reason: Open<QuarantineReason>;
  at: Instant;
}

export interface ModelVersionEventDetail {
  version: '1';
  eventId: string;
  source: string;
  /** Of the series whose result showed it. */
  product: Open<Product>;
  usecase: string;
  modelVersion: string;
  previousModelVersion: string;
  at: Instant;
}

/** What stands in the detail of a series in every state. */
type InState<State extends SeriesState> = Omit<
  SeriesEventDetail,
  'state' | 'product' | 'triageStatus' | 'presentFindings' | 'reason' | 'supersededBy' | keyof ResultFacts
> &
  JudgedFacts & { state: State };
type JudgedFacts = Pick<ResultFacts, 'quality' | 'outsideIndication'>;
type BroughtFacts = Pick<ResultFacts, 'replacedUnconfirmed'>;
/** An open list: later versions may know more, and a consumer has to be ready for them. */
type Open<Known extends string> = Known | (string & {});

/**
 * The `detail` of each detail type, for consumers in TypeScript. `functions/series/event-schemas.ts` says the same as
 * JSON Schema; the compiler holds the two together.
 */
export interface EventDetails {
  'Series Complete': InState<'COMPLETE'> & { product: Open<Product> };
  'Series Computing': InState<'COMPUTING'> & BroughtFacts & { product: Open<Product> };
  'Series Done': InState<'DONE'> &
    ResultFacts & { product: Open<Product>; triageStatus?: TriageStatus; presentFindings?: string[] };
  'Series Skipped': InState<'SKIPPED'> & { reason: string };
  'Series Unsupported': InState<'UNSUPPORTED'> &
    BroughtFacts &
    AnswerFacts & { product: Open<Product>; reason: string };
  'Series Failed': InState<'FAILED'> &
    BroughtFacts &
    AnswerFacts &
    Pick<SeriesEventDetail, 'triageStatus' | 'findings' | 'presentFindings'> & {
      product: Open<Product>;
      reason: Open<FailureReason>;
    };
  'Series Superseded': InState<'DONE'> & { product: Open<Product>; supersededBy: number };
  'Model Version Changed': ModelVersionEventDetail;
  'Object Quarantined': QuarantineEventDetail;
}

export type OutboxEvent =
  | { detailType: SeriesDetailType; detail: SeriesEventDetail }
  | { detailType: 'Model Version Changed'; detail: ModelVersionEventDetail }
  | { detailType: 'Object Quarantined'; detail: QuarantineEventDetail };

/** The same parts give the same id, so that a consumer can tell a repeated delivery (EventBridge and we deliver at least once). */
export function eventIdOf(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-${hash.slice(12, 16)}-${hash.slice(16, 20)}-${hash.slice(20, 32)}`;
}

/** EventBridge takes entries of up to 256 KiB; a key has at most about 260 characters. */
export const MAX_EVENT_RESULT_KEYS = 500;

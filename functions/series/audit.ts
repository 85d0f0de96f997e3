import type { SeriesId } from '../instances/series-id.ts';
import type { Instant } from '../shared/time.ts';

/** What people have done by the API that changes something, lets others change something, or has shown a patient. */
export const ACTION_KINDS = ['retry', 'retry_many', 'redrive', 'upload_links', 'view_patient'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

export interface Action {
  /** The same for a write that is repeated. */
  id: string;
  at: Instant;
  /**
   * ARN of an IAM principal; issuer, `#` and subject of a person who has signed in; `local` on one machine; `direct` where the function
   * was invoked without API Gateway.
   */
  by: string;
  /** The person's name by the token, where the deployment has it recorded. */
  byName?: string;
  kind: ActionKind;
  /** What was asked for, by the names of the request. */
  request: Readonly<Record<string, string | number | boolean>>;
  /** Why, in the words of the person. */
  comment?: string;
  /** Of one series. */
  series?: SeriesId;
  /** Of a `retry` that is a part of a `retry_many`: its id. */
  partOf?: string;
}

export interface ActionsQuery {
  /** From this time. */
  since: Instant;
  /** Before this time. */
  until: Instant;
  limit: number;
  cursor?: string;
}

export interface ActionsPage {
  actions: Action[];
  cursor?: string;
}

export interface AuditStore {
  /** Before the action: none is without its row. Of a part, only its series tells. */
  add(action: Action): Promise<void>;
  /** The newest first. */
  ofSeries(id: SeriesId, limit: number): Promise<Action[]>;
  /** The newest first. So many days are read for one page and no more: it may have no action, and a cursor. */
  list(query: ActionsQuery): Promise<ActionsPage>;
}

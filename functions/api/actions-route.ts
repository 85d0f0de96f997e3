import { defined } from '../shared/defined.ts';
import { addSeconds } from '../shared/time.ts';
import type { Answer } from './answers.ts';
import { bindCursor } from './bound-cursor.ts';
import type { AuditDeps } from './record-action.ts';
import type { ParametersOf } from './requests.ts';
import { instantOf } from './series-query.ts';

const DEFAULT_DAYS_SECONDS = 30 * 86_400;

/** `GET /v1/actions` */
export async function listActions(
  { audit, clock }: Pick<AuditDeps, 'audit' | 'clock'>,
  { cursor: given, limit, ...range }: ParametersOf<'listActions'>,
): Promise<Answer<'ActionPage'>> {
  const { place, bind } = bindCursor(given, 'actions', range);
  // What is asked now happened before the next millisecond.
  const until = instantOf(range.until) ?? addSeconds(clock().toISOString(), 0.001);
  const since = instantOf(range.since) ?? addSeconds(until, -DEFAULT_DAYS_SECONDS);
  const { actions, cursor } = await audit.list({ since, until, limit, ...defined({ cursor: place }) });
  return { items: actions, ...(cursor === undefined ? {} : { cursor: bind(cursor) }) };
}

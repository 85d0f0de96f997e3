import type { Action, AuditStore } from '../series/audit.ts';
import { defined } from '../shared/defined.ts';
import type { Clock } from '../shared/time.ts';

export interface AuditDeps {
  audit: AuditStore;
  /** Never the same twice. */
  newActionId(): string;
  clock: Clock;
}

/** Who has asked. */
export type Asker = Pick<Action, 'by' | 'byName'>;

/** Who has asked, and why. */
export interface Asked extends Asker {
  comment?: string;
}

type Kind = Action['kind'];
type Request = Readonly<Record<string, string | number | boolean | undefined>>;

/** An action that is about to happen. */
export function newAction(
  { newActionId, clock }: Pick<AuditDeps, 'newActionId' | 'clock'>,
  asked: Asked,
  kind: Kind,
  request: Request,
): Action {
  const { by, byName, comment } = asked;
  const given = Object.entries(request).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  return {
    id: newActionId(),
    at: clock().toISOString(),
    by,
    ...defined({ byName }),
    kind,
    request: Object.fromEntries(given),
    ...defined({ comment: comment?.toWellFormed() }),
  };
}

import { ProblemError } from './problem.ts';
import type { OperationNeeds } from './requests.ts';
import { type Access, type Role, roleForAll, rolesFor } from './roles.ts';

/**
 * The sources that an operation may read or act on for its caller; `undefined` for all of them. No answer depends on what is there,
 * so that a refusal tells nothing of the sources of others.
 * @param source the one that the request names
 * @throws ProblemError (403) that says which role is needed
 */
export function sourcesFor(
  needs: OperationNeeds,
  access: Access,
  source: string | undefined,
): readonly string[] | undefined {
  if (needs === 'nothing') return undefined;
  const { role, of } = needs;
  const { isAll, sources } = access[role];
  if (isAll) return undefined;
  if (of === 'all')
    throw forbidden(`this is about every source at once, and needs the role ${roleForAll(role)}`);
  if (source !== undefined) {
    if (!sources.includes(source)) throw forbidden(needsRole(role, source));
    return [source];
  }
  if (sources.length === 0) throw forbidden(needsRole(role));
  if (of === 'named') {
    const named = `name one of your sources (${sources.join(', ')})`;
    throw forbidden(`without a source this needs the role ${roleForAll(role)}; ${named}`);
  }
  return sources;
}

function needsRole(role: Role, source?: string): string {
  return `this needs the role ${rolesFor(role, source)}; the administrator of your sign-in assigns it`;
}

function forbidden(detail: string): ProblemError {
  return new ProblemError(403, 'Forbidden', detail);
}

import { defined } from '../shared/defined.ts';
import * as z from '../shared/schema.ts';
import { ProblemError } from './problem.ts';
import { type Access, accessOf, FULL_ACCESS } from './roles.ts';
import type { SignIn } from './sign-in.ts';

/** What API Gateway tells of the caller whom it has checked (payload format 2.0; IAM and JWT authorizers). */
const requestContext = z.object({
  apiId: z.optional(z.string()),
  authorizer: z.optional(
    z.object({
      iam: z.optional(z.object({ userArn: z.string().check(z.minLength(1)) })),
      jwt: z.optional(z.object({ claims: z.record(z.string(), z.unknown()) })),
    }),
  ),
});
type Authorizer = NonNullable<z.output<typeof requestContext>['authorizer']>;

/** Below it, API Gateway has checked the token of a person instead of a signature. */
export const PERSON_PATH = '/console';
/** As the console server of one machine calls itself. */
const LOCAL_API = 'local';
/** An ARN has at most 2,048 characters (AWS IAM user guide); a made-up one may have more. */
const MAX_LENGTH = 2_048;
const MAX_NAME_LENGTH = 200;

export interface Caller {
  /** For the audit. */
  by: string;
  /** As the token calls the person, where the deployment asks for it. */
  byName?: string;
  access: Access;
}

/**
 * Who asks, and what he may do. `by` is the ARN of an IAM principal, issuer and subject of a person, `local` on one machine,
 * `direct` where the function was invoked without API Gateway: such a caller writes the event himself. His word is in the audit,
 * and CloudTrail has his name. IAM has decided what an IAM principal may do; a person may what the roles of the token say.
 * @throws ProblemError (401) for a request that comes through API Gateway and has neither, or the wrong one for its path
 */
export function callerOf(
  event: { rawPath: string; requestContext: unknown },
  signIn: SignIn | undefined,
): Caller {
  const context = requestContext.safeParse(event.requestContext ?? {}).data;
  if (context === undefined) throw notAuthenticated();
  const { apiId, authorizer = {} } = context;
  // Each path has one kind of caller: neither a signature nor a token works where the other is asked for.
  if (event.rawPath.startsWith(`${PERSON_PATH}/`)) return personOf(authorizer, signIn);
  if (authorizer.jwt !== undefined) throw notAuthenticated();
  if (authorizer.iam !== undefined) return { by: textOf(authorizer.iam.userArn), access: FULL_ACCESS };
  if (apiId === LOCAL_API) return { by: 'local', access: FULL_ACCESS };
  // A route of API Gateway without an authorizer is for files alone.
  if (apiId !== undefined) throw notAuthenticated();
  return { by: 'direct', access: FULL_ACCESS };
}

function personOf({ iam, jwt }: Authorizer, signIn: SignIn | undefined): Caller {
  if (signIn === undefined || jwt === undefined || iam !== undefined) throw notAuthenticated();
  const { iss, sub, [signIn.rolesClaim]: roles } = jwt.claims;
  if (typeof iss !== 'string' || typeof sub !== 'string' || sub === '') throw notAuthenticated();
  const name = signIn.nameClaim === undefined ? undefined : jwt.claims[signIn.nameClaim];
  return {
    // Only both together name one person for ever. Source: OpenID Connect Core 1.0, section 2.
    by: textOf(`${iss}#${sub}`),
    ...defined({ byName: typeof name === 'string' ? nameOf(name) : undefined }),
    access: accessOf(roles),
  };
}

function textOf(text: string): string {
  return text.slice(0, MAX_LENGTH).toWellFormed();
}

function nameOf(name: string): string | undefined {
  return name.trim().slice(0, MAX_NAME_LENGTH).toWellFormed() || undefined;
}

function notAuthenticated(): ProblemError {
  return new ProblemError(
    401,
    'Unauthorized',
    `expected a signed request, or below ${PERSON_PATH}/v1/ the token of a person who has signed in`,
    { 'www-authenticate': 'Bearer' },
  );
}

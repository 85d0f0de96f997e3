import { readFileSync } from 'node:fs';
import { defined } from '../../functions/shared/defined.ts';
import type { QureDropoffStackProps } from '../qure-dropoff-stack.ts';
import { type ContextOptions, readContextOptions } from './context-options.ts';
import type { SignInOptions } from './sign-in.ts';
import { readSourcesFile } from './sources-file.ts';

/** The context of cdk.json, which the CDK's command line would pass: with it the template is the same without the command line. */
export function cdkJsonContext(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return context;
}

/**
 * The properties of the stack that the options after `-c` and in cdk.json say.
 * @throws MistakesError with every mistake
 */
export function stackPropsOf(context: Readonly<Record<string, unknown>>): QureDropoffStackProps {
  const { signIn, options: read } = withoutSignIn(readContextOptions(context));
  const { sources, logRetentionDays, canarySource, computeConcurrency, ...options } = read;
  return {
    // What is missing of it is told with all other mistakes.
    ...(signIn !== undefined && { console: { signIn: signIn as SignInOptions } }),
    ...(sources !== undefined && { sources: readSourcesFile(sources) }),
    ...(logRetentionDays !== undefined && { logRetention: logRetentionDays }),
    ...(canarySource !== undefined && { canary: { source: canarySource } }),
    ...(computeConcurrency !== undefined && { stages: { compute: { maxConcurrency: computeConcurrency } } }),
    ...options,
  };
}

/** The options of the sign-in, by the names that its properties have. */
function withoutSignIn({
  signInIssuer: issuer,
  signInClientId: clientId,
  signInRolesClaim: rolesClaim,
  signInNameClaim: nameClaim,
  signInAudience: audience,
  signInScopes: scopes,
  signInOrigins: origins,
  ...options
}: ContextOptions) {
  const given = defined({ issuer, clientId, rolesClaim, nameClaim, audience, scopes, origins });
  return { options, signIn: Object.keys(given).length === 0 ? undefined : given };
}

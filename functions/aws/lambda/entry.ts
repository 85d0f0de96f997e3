import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Log } from '../../shared/log.ts';
import { errorFields } from '../../shared/log.ts';
import { type EnvKey, isUnderLambda, readEnv } from './env.ts';
import { withinInvocation } from './invocation.ts';

/** A handler as Lambda calls it: with a log line for what it does not handle itself. The error goes on to Lambda. */
export function lambdaEntry<Event, Result>(
  log: Log,
  handler: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  const guarded = middy<Event, Result>()
    .onError(({ error }) => {
      log('error', 'invocation failed', errorFields(error));
    })
    .handler(handler);
  return (event, context) => withinInvocation(context.awsRequestId, async () => guarded(event, context));
}

/** The variables of a function by the keys that they have in `ENV`. */
export type Env<Keys extends readonly EnvKey[]> = Record<Keys[number], string>;

/**
 * The handler of a function. Lambda has it made before the first invocation, and a variable that is missing fails the start
 * of the function; who loads the module for `createDeps` alone needs no variables.
 */
export function startFunction<Key extends EnvKey, Deps extends { log: Log }, Event, Result>(
  variables: readonly Key[],
  createDeps: (env: Record<Key, string>) => Deps,
  createHandler: (deps: Deps) => (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  const start = () => {
    const deps = createDeps(readEnv(variables));
    return lambdaEntry(deps.log, createHandler(deps));
  };
  if (isUnderLambda()) return start();
  return (event, context) => start()(event, context);
}

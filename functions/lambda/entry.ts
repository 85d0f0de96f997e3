import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorFields } from '../adapters/json-log.ts';
import type { Log } from '../core/ports.ts';
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

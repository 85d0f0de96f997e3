import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields } from '../../shared/log.ts';
import { traceIdOf } from '../../shared/trace-header.ts';
import { readTraceHeader } from './env.ts';

const invocations = new AsyncLocalStorage<{ requestId: string }>();

/** Does the work of one invocation; `invocationFields` tells of it for as long as that takes. */
export function withinInvocation<T>(requestId: string, work: () => T): T {
  return invocations.run({ requestId }, work);
}

/** What each log line of a function says of its run: Lambda's request id, and the id of its trace where there is one. */
export function invocationFields(): LogFields {
  return { requestId: invocations.getStore()?.requestId, traceId: traceIdOf(readTraceHeader()) };
}

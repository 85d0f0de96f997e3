export { type GuardedHandler, guardHandler } from './guard.ts';
export { type GuardAnswer, type GuardRules, LARGE_BODY_BYTES, SANDBOX_HEADERS } from './guard-rules.ts';
export { type HttpProblem, PROBLEM_TYPE, problemBody } from './http-problem.ts';
export { loopbackNameOf } from './loopback-host.ts';

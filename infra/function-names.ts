/** The functions, `canary` for deployments that have one; each is `functions/<name>/index.ts` and exports `handler`. */
export const FUNCTION_NAMES = [
  'index-instances',
  'check-completion',
  'compute',
  'poll-results',
  'sweep',
  'reconcile',
  'serve-api',
  'canary',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

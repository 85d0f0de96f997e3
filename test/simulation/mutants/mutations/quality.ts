import type { Mutation } from '../mutation.ts';

/** What is found of the slices of a CT, and what a source wants done about it. */
export const QUALITY_MUTATIONS: readonly Mutation[] = [
  {
    name: 'holes-not-refused',
    says: 'A source that refuses holes brings no series without a slice to Qure.',
    file: 'functions/completion/judge-series.ts',
    find: `  if (source.quality === 'refuse' && quality !== undefined && isIncomplete(quality)) {
`,
    replace: `  if (source.quality === 'refuse' && quality !== undefined && isIncomplete({})) {
`,
  },
  {
    name: 'claims-taken-for-proof',
    says: 'A claim of the headers proves nothing: it makes a series wait, and fails none.',
    file: 'functions/routing/quality/series-quality.ts',
    find: `  return isShort(quality) || quality.doubled !== undefined || quality.doubledPositions !== undefined;
`,
    replace: `  return isAwaited(quality) || quality.doubled !== undefined || quality.doubledPositions !== undefined;
`,
  },
  {
    name: 'holes-not-waited-for',
    says: 'A source that holds waits for slices that seem to be missing.',
    file: 'functions/completion/hold.ts',
    find: `  if (judged.state !== 'COMPLETE' || !isAwaited(judged.quality ?? {})) return { kind: 'none' };
`,
    replace: `  if (judged.state !== 'COMPLETE') return { kind: 'none' };
  return { kind: 'none' };
`,
  },
  {
    name: 'hold-ends-early',
    says: 'The wait for missing slices lasts until the longest wait of the source is over.',
    file: 'functions/completion/hold.ts',
    find: `  return seconds > 0 ? { kind: 'wait', seconds: Math.min(seconds, quietPeriodSeconds) } : { kind: 'over' };
`,
    replace: `  return seconds > maxWaitSeconds / 2
    ? { kind: 'wait', seconds: Math.min(seconds, quietPeriodSeconds) }
    : { kind: 'over' };
`,
  },
  {
    name: 'holes-not-told',
    says: 'What was found of the slices stands on the row, whatever the source wants done about it.',
    file: 'functions/completion/judge-series.ts',
    find: `    ...defined({ quality }),
`,
    replace: '',
  },
  {
    name: 'ends-taken-for-holes',
    says: 'Numbers begin anywhere: what lies before the first one is not missing.',
    file: 'functions/routing/quality/numbers.ts',
    find: `  const missing: number[] = [];
`,
    replace: `  const missing: number[] = (ordered[0]?.number ?? 1) > 1 ? [1] : [];
`,
  },
];

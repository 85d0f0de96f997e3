import type { Mutation } from '../mutation.ts';

/** What mended a kept scenario (`regressions.ts`), where seeds come upon it too rarely. */
export const SCENARIO_MUTATIONS: readonly Mutation[] = [
  {
    name: 'replaced-content-brought-back',
    says: 'A run that a later generation has left behind sends nothing more, and what it had under way goes again.',
    isOnlyOfScenario: true,
    file: 'functions/delivery/upload-leave.ts',
    find: `return row?.state === 'UPLOADING' && row.ticket === this.#series.ticket;`,
    replace: `return row !== undefined;`,
  },
  {
    name: 'late-leave-taken',
    says: 'Leave to send that was answered late is of the past: the row is asked again.',
    isOnlyOfScenario: true,
    file: 'functions/delivery/upload-leave.ts',
    find: `if (secondsBetween(askedAt, this.#now()) <= MAX_ANSWER_SECONDS) return undefined;`,
    replace: `return undefined;`,
  },
  {
    name: 'overtaken-not-noticed',
    says: 'A run looks at the series after its last request: what a later generation had replaced meanwhile goes again.',
    isOnlyOfScenario: true,
    file: 'functions/delivery/upload-series.ts',
    find: `    if (sent.size === 0 || this.#stop?.kind === 'stopped' || (await this.#leave.isOurs())) return;
    this.#stop = { kind: 'superseded', sent: [...sent] };
`,
    replace: '',
  },
  {
    name: 'replacement-not-marked-before',
    says: 'Another content of what Qure has is marked before it goes: should the answer be lost, it is told that either may be there.',
    isOnlyOfScenario: true,
    file: 'functions/delivery/compute-work.ts',
    find: `    await this.deps.uploadRecords.add(this.series, uploadRound, { registered: [], sent }, keptTo);
`,
    replace: '',
  },
  {
    name: 'acceptance-outlives-a-later-call',
    says: 'That Qure accepted a set counts only while no later call was claimed: its last word would be of that one.',
    isOnlyOfScenario: true,
    file: 'functions/series/series-parts.ts',
    find: `const isLastAsked = accepted !== undefined && (callIntent?.generation ?? 0) <= accepted.generation;`,
    replace: `const isLastAsked = accepted !== undefined && (callIntent?.generation ?? 0) >= 0;`,
  },
  {
    name: 'reconcile-looks-ahead-at-nothing',
    says: 'What reconcile indexes its series learns of, though the run dies in between: the checker is asked before.',
    isOnlyOfScenario: true,
    file: 'functions/recovery/reconcile/page-context.ts',
    find: `this.deps = { ...deps, beforeRows: scheduleRecheck(deps.queues) };`,
    replace: `this.deps = deps;`,
  },
  {
    name: 'asset-of-earlier-result-kept',
    says: 'What is stored beside a result is of it: of a generation that was computed again nothing earlier stays.',
    isOnlyOfScenario: true,
    file: 'functions/results/poll-work.ts',
    find: `const mayBeOfAnother = this.message.assetTries === 0 || this.series.restarts > 0;`,
    replace: `const mayBeOfAnother = this.message.assetTries === 0;`,
  },
];

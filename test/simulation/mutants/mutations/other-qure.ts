import type { Mutation } from '../mutation.ts';

/** A source gets another Qure while series are at the first one. */
export const OTHER_QURE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'other-qure-not-noticed',
    says: 'What a Qure has taken and answered is of that one: at another one nothing of it counts.',
    file: 'functions/series/bring-anew.ts',
    find: `return workspace !== undefined && workspace !== lastingWorkspaceIdOf(credentials);`,
    replace: `return workspace === undefined && workspace === lastingWorkspaceIdOf(credentials);`,
  },
  {
    name: 'other-qure-polled',
    says: 'A Qure is asked only for what it was given: a poll at another one sends the series there first.',
    file: 'functions/handlers/poll-results/handler.ts',
    find: `if (isElsewhere(series, permit.credentials))`,
    replace: `if (isElsewhere(series, permit.credentials) && series.ticket < 0)`,
  },
  {
    name: 'other-qure-sent-the-rest',
    says: 'Another Qure is sent all instances: upload marks of the first one do not count there.',
    file: 'functions/series/bring-anew.ts',
    find: `uploadRound: series.uploadRound + 1,`,
    replace: `uploadRound: series.uploadRound,`,
  },
  {
    name: 'other-qure-taken-for-new',
    says: 'Another Qure may have had the series before: it is asked to compute it again.',
    file: 'functions/series/bring-anew.ts',
    find: `    workspaceSince: generation,
`,
    replace: '',
  },
  {
    name: 'brought-to-and-fro',
    says: 'A series is brought to another Qure once: its message waits until every process has the new secret.',
    file: 'functions/series/bring-anew.ts',
    find: `export const ADDRESS_LOADED_SECONDS = 60;`,
    replace: `export const ADDRESS_LOADED_SECONDS = 0;`,
  },
];

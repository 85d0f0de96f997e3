import type { Mutation } from '../mutation.ts';

/** Limits of a source: what they let through, and what becomes of who is held back. */
export const QUOTA_MUTATIONS: readonly Mutation[] = [
  {
    name: 'under-way-without-slot',
    says: 'A series that is under way and has lost its slot waits for another one.',
    file: 'functions/admission/admission.ts',
    find: `if (gate.kind === 'held_back' || series.state === 'COMPUTING') return gate;`,
    replace: `if (gate.kind === 'held_back' || series.state !== 'COMPLETE') return gate;`,
  },
  {
    name: 'unit-taken-twice',
    says: 'The same generation takes no second unit of a day.',
    file: 'functions/admission/quota.ts',
    find: `request.takesUnit && !state.admitted.includes(id)`,
    replace: `request.takesUnit`,
  },
  {
    name: 'source-without-version',
    says: 'Of two runs that find the last slot free, one gets it: the row of a source is saved only over the version that was read.',
    file: 'functions/aws/table/source-state-store.ts',
    find: `              ConditionExpression: 'sourceState.version = :version',
              ExpressionAttributeValues: { ':version': state.version },
`,
    replace: '',
  },
  {
    name: 'slots-without-end',
    says: 'Never more series of a source are brought to Qure at once than it may have.',
    file: 'functions/admission/quota.ts',
    find: `const free = maxConcurrentSeries - state.slots.length;`,
    replace: `const free = maxConcurrentSeries;`,
  },
  {
    name: 'day-of-one-more',
    says: 'Never more computations begin in a day than the budget of the source has.',
    file: 'functions/admission/quota.ts',
    find: `state.admitted.length >= dailyBudget`,
    replace: `state.admitted.length > dailyBudget`,
  },
  {
    name: 'urgent-held-back',
    says: 'An urgent series is counted and never held back.',
    file: 'functions/admission/admission.ts',
    find: `isUrgent: series.priority === 'urgent' || `,
    replace: `isUrgent: `,
  },
  {
    name: 'slot-never-given-back',
    says: 'A series that has left the stage gives its slot back.',
    file: 'functions/admission/source-visit.ts',
    find: `releaseSlot(standing, quotaIdOf(series), series.ticket)`,
    replace: `releaseSlot(standing, quotaIdOf(series), -1)`,
  },
  {
    name: 'held-back-without-message',
    says: 'A series that is held back asks again by itself.',
    file: 'functions/delivery/start-job.ts',
    find: `      if (held !== undefined)
        await deps.queues.sendCompute({ ...jobOf(held.series), tries: message.tries }, held.waitSeconds);
`,
    replace: '',
  },
  {
    name: 'held-back-overdue',
    says: 'The sweep waits as long as a series that is held back.',
    file: 'functions/series/transitions.ts',
    find: `return { ...series, heldBack, ticket: series.ticket + 1, deliveryDeadline, dueAt };`,
    replace: `return { ...series, heldBack, ticket: series.ticket + 1, deliveryDeadline };`,
  },
];

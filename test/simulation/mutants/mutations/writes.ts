import type { Mutation } from '../mutation.ts';

/** Conditions of writes, and answers that tell that a write was not made. */
export const WRITE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'save-without-version',
    says: 'An older message never undoes a newer state: a row is saved only over the version that was read.',
    file: 'functions/aws/table/series-store.ts',
    find: `        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':version': series.version },
`,
    replace: '',
  },
  {
    name: 'touch-in-any-state',
    says: 'An arrival for a series that was judged is told to the checker, not written into the judged row.',
    file: 'functions/aws/table/series-store.ts',
    find: `'attribute_not_exists(pk) OR #state IN (:receiving, :unsharded)'`,
    replace: `'attribute_not_exists(pk) OR attribute_exists(#state) OR #state IN (:receiving, :unsharded)'`,
  },
  {
    name: 'postpone-final-series',
    says: 'A series in a final state never becomes due again.',
    file: 'functions/aws/table/series-store.ts',
    find: `ConditionExpression: 'attribute_exists(dueAt)',`,
    replace: `ConditionExpression: 'attribute_exists(pk)',`,
  },
  {
    name: 'unprocessed-writes-ignored',
    says: 'Every dropped object ends in one place: what BatchWriteItem leaves unprocessed is written again.',
    file: 'functions/aws/table/batches.ts',
    find: `pending = (answer.UnprocessedItems?.[tableName] ?? []) as WriteRequest[];`,
    replace: `pending = [];`,
  },
  {
    name: 'refused-events-ignored',
    says: 'Every transition is announced: events that PutEvents refused stay in the outbox.',
    file: 'functions/aws/event-publisher.ts',
    find: `if ((answer.FailedEntryCount ?? 0) > 0) {`,
    replace: `if ((answer.FailedEntryCount ?? 0) < 0) {`,
  },
  {
    name: 'outbox-cleared-unpublished',
    says: 'Every transition is announced: the outbox is cleared only after publishing.',
    file: 'functions/series/outbox.ts',
    find: `  await deps.publish(series.outbox);
`,
    replace: '',
  },
  {
    name: 'event-says-more',
    says: 'An event says what its published schema says: the text for people stays in the row.',
    file: 'functions/series/series-parts.ts',
    find: `...('reason' in series ? { reason: series.reason } : {}),`,
    replace: `...('reason' in series ? { reason: series.reason, detail: series.detail } : {}),`,
  },
  {
    name: 'publish-before-save',
    says: 'Only what has happened is announced: publishing follows the save.',
    file: 'functions/series/stage.ts',
    find: `  const saved = await deps.series.save(next);
`,
    replace: `  await deps.publish(next.outbox).catch(() => {});
  const saved = await deps.series.save(next);
`,
  },
  {
    name: 'announced-without-due',
    says: 'What a crash loses after a write the sweep finds: each transition makes its row due.',
    file: 'functions/series/series-parts.ts',
    find: `    dueAt: addSeconds(series.changedAt, STAGE_GRACE_SECONDS),
`,
    replace: '',
  },
];

import type { Mutation } from '../mutation.ts';

/** Messages: when they are acknowledged, sent, and taken for old ones. */
export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'failures-acknowledged',
    says: 'A message is acknowledged only after its work is written: failed work keeps its message.',
    file: 'functions/aws/lambda/sqs-batch.ts',
    find: `        failures.set(record.messageId, cause);
`,
    replace: '',
  },
  {
    name: 'unread-objects-acknowledged',
    says: 'Every dropped object ends in one place: the event of an object that could not be read comes again.',
    file: 'functions/handlers/index-instances/handler.ts',
    find: `      if (cause !== undefined) failures.set(messageId, cause);
`,
    replace: '',
  },
  {
    name: 'given-up-without-letter',
    says: 'What is given up lies in the dead letters: it is acknowledged only after its letter was sent.',
    file: 'functions/aws/lambda/batch-failures.ts',
    find: `await deps.deadLetters.send(record.eventSourceARN, record.body, {`,
    replace: `void ({`,
  },
  {
    name: 'job-sent-before-save',
    says: 'A message follows the save that it speaks of: sent before, it finds the old row and is dropped.',
    file: 'functions/completion/complete-series.ts',
    find: `  const saved = await saveAndAnnounce<JudgedSeries>(deps, next);
  if (saved.kind === 'conflict') return saved;
  if (saved.series.state === 'COMPLETE')
    await deps.queues.sendCompute({ ...jobOf(saved.series), tries: 0 }, 0);
`,
    replace: `  if (next.state === 'COMPLETE') await deps.queues.sendCompute({ ...jobOf(next), tries: 0 }, 0);
  const saved = await saveAndAnnounce<JudgedSeries>(deps, next);
  if (saved.kind === 'conflict') return saved;
`,
  },
  {
    name: 'job-never-sent',
    says: 'In a world without faults no work waits for the sweep: the judgement sends the job itself.',
    file: 'functions/completion/complete-series.ts',
    find: `  if (saved.series.state === 'COMPLETE')
    await deps.queues.sendCompute({ ...jobOf(saved.series), tries: 0 }, 0);
`,
    replace: '',
  },
  {
    name: 'sweep-sends-nothing',
    says: 'What a crash loses between a write and its message the sweep sends again.',
    file: 'functions/recovery/sweep/sweep-series.ts',
    find: `  if (series.state === 'COMPUTING')
    await deps.queues.sendResults({ ...work, polls: 0, failures: 0, assetTries: 0 }, 0);
  else await deps.queues.sendCompute({ ...work, tries: 0 }, 0);
`,
    replace: '',
  },
  {
    name: 'sweep-raises-the-version',
    says: 'A run that the sweep starts finds the row as it stays, so that its result is not refused.',
    file: 'functions/recovery/sweep/sweep-series.ts',
    find: `await deps.series.postpone(series, dueAt)`,
    replace: `await deps.series.save({ ...series, dueAt })`,
  },
  {
    name: 'compute-ignores-tickets',
    says: 'There is never more than one chain of work: the compute stage drops a message with another ticket.',
    file: 'functions/delivery/start-job.ts',
    find: `if (series?.ticket !== message.ticket) return`,
    replace: `if (series === undefined) return`,
  },
  {
    name: 'poll-ignores-tickets',
    says: 'There is never more than one chain of work: the results stage drops a message with another ticket.',
    file: 'functions/handlers/poll-results/handler.ts',
    find: `if (series?.state !== 'COMPUTING' || series.ticket !== message.ticket) return;`,
    replace: `if (series?.state !== 'COMPUTING') return;`,
  },
  {
    name: 'looks-share-a-ticket',
    says: 'There is never more than one chain of work: a look that is delivered twice leaves one next look.',
    file: 'functions/aws/table/series-store.ts',
    find: `const next = ticket + 1;`,
    replace: `const next = ticket;`,
  },
  {
    name: 'late-message-does-nothing',
    says: 'Late instances open the next generation.',
    file: 'functions/completion/complete-series.ts',
    find: `if (completedFingerprint(series) === fingerprintOf(held.instances)) return`,
    replace: `if (completedFingerprint(series) !== '') return`,
  },
];

import type { Mutation } from '../mutation.ts';

/** Rows of instances, and the judgement that nothing is missing. */
export const INDEX_MUTATIONS: readonly Mutation[] = [
  {
    name: 'touch-before-rows',
    says: 'Rows are written before the series is told and the event acknowledged: whoever is told finds them.',
    file: 'functions/ingest/index-objects.ts',
    find: `      await deps.instances.put(rows);
`,
    replace: `      void deps.instances.put(rows).catch(() => {});
`,
  },
  {
    name: 'known-rows-passed-over',
    says: 'An event that comes again finds its rows written, and makes sure that their series knows of them.',
    file: 'functions/ingest/index-objects.ts',
    find: `  await forSeries(knownSeries, ensureSeriesIsChecked);
`,
    replace: '',
  },
  {
    name: 'last-event-wins',
    says: 'Of two contents of one instance the one that was dropped last stands, in whatever order events come.',
    file: 'functions/instances/instance.ts',
    find: `  if (one.lastModified !== other.lastModified) return one.lastModified < other.lastModified;
  return one.key < other.key;
`,
    replace: `  return false;
`,
  },
  {
    name: 'count-by-counter',
    says: 'Instances are counted by their rows: a counter of arrivals lies, since events repeat.',
    file: 'functions/completion/judge-series.ts',
    find: `    instances: held.length,
`,
    replace: `    instances: series.version,
`,
  },
  {
    name: 'promised-count-not-awaited',
    says: 'A marker that names a count settles a series when so many rows are there, not before.',
    file: 'functions/completion/check-marker.ts',
    find: `    if (!(await hasReached(entry))) return;
`,
    replace: '',
  },
  {
    name: 'promised-total-not-awaited',
    says: 'A marker that names a total settles what is below it when so many rows are there, not before.',
    file: 'functions/completion/walk-marker.ts',
    find: `if (expected !== undefined && count < expected)`,
    replace: `if (expected !== undefined && count < 0)`,
  },
  {
    name: 'marker-total-counts-outside-folder',
    says: 'A marker that names a total counts what lies beside and below it; a slice of its series elsewhere does not stand in.',
    file: 'functions/completion/covered-series.ts',
    find: `return keys.has(instance.object.key) || (entries`,
    replace: `return keys.size > 0 || (entries`,
  },
  {
    name: 'marker-without-walk',
    says: 'A marker settles a series only when all that lies below it is indexed: what is still in line is indexed then.',
    file: 'functions/completion/covered-series.ts',
    find: `      await index(stillOpen);
      hasIndexed = true;
      return 'again';
`,
    replace: `      return stillOpen.length > 0 ? 'skipped' : 'again';
`,
  },
  {
    name: 'waiting-events-not-counted',
    says: 'Silence is judged up to the events that are handled: those that wait in the queue may be of the series.',
    file: 'functions/ingest/watermark.ts',
    find: `  return (await countWaitingDrops()) === 0 ? now : watermark.load();
`,
    replace: `  return (await countWaitingDrops()) < 0 ? watermark.load() : now;
`,
  },
  {
    name: 'refused-object-stops-all',
    says: 'An object that S3 refuses is a finding: it stops neither the reconciliation nor a marker.',
    file: 'functions/ingest/classify-listed-objects.ts',
    find: `    if (error instanceof ObjectUnreadableError) return error;
`,
    replace: '',
  },
  {
    name: 'generation-stays-on-reopening',
    says: 'A generation stands for one set of instances: another set is the next generation.',
    file: 'functions/series/transitions.ts',
    find: `    generation: series.generation + 1,
`,
    replace: `    generation: series.generation,
`,
  },
  {
    name: 'generation-stays-on-retry',
    says: 'A generation is accepted once: computing again is a generation of its own.',
    file: 'functions/series/retry.ts',
    find: `generation: startsGeneration ? series.generation + 1 : series.generation,`,
    replace: `generation: series.generation,`,
  },
  {
    name: 'key-in-log',
    says: 'Nothing that identifies a patient is logged: keys may hold names.',
    file: 'functions/ingest/update-quarantine.ts',
    find: `log('warn', 'quarantined', { quarantineId: id, reason, source });`,
    replace: `log('warn', 'quarantined', { quarantineId: id, reason, source, key: rejected[0] });`,
  },
  {
    name: 'expired-rows-passed-over',
    says: 'A series whose rows have expired one after another is not computed from those that are left.',
    file: 'functions/series/judged-set.ts',
    find: `  if (!hasExpired(series, source, now)) return { kind: 'whole', instances };
`,
    replace: `  if (now !== '') return { kind: 'whole', instances };
`,
  },
  {
    name: 'as-many-are-whole',
    says: 'Of a series whose rows have expired each instance must be there again, not as many others.',
    file: 'functions/series/judged-set.ts',
    find: `members.every((member) => present.has(member))`,
    replace: `members.length <= present.size`,
  },
  {
    name: 'undeleted-rows-count',
    says: 'A row that has expired does not count, whether it was deleted or not.',
    file: 'functions/series/judged-set.ts',
    find: `expiresAt === undefined || expiresAt > now`,
    replace: `expiresAt === undefined || expiresAt !== now`,
  },
  {
    name: 'expired-object-indexed',
    says: 'An object that S3 is late to expire is none that is new: its row has expired.',
    file: 'functions/recovery/reconcile/check-objects.ts',
    find: `'source' in place && isPastRetention(`,
    replace: `'nowhere' in place && isPastRetention(`,
  },
  {
    name: 'folder-not-listed',
    says: 'Before a series is called complete by silence, objects in its folder whose events have not come are found.',
    file: 'functions/completion/check-quiet.ts',
    find: `ended === 'quiet' && silentSeconds < source.maxWaitSeconds`,
    replace: `ended === 'max_wait' && silentSeconds < source.maxWaitSeconds`,
  },
  {
    name: 'learned-silence-of-the-queue',
    says: 'A sender that is known to be fast is not taken for silent while its events wait.',
    file: 'functions/completion/check-quiet.ts',
    find: `await handledUpTo(deps, now), now);
    if (verdict.kind === 'wait')`,
    replace: `awaited.judged === undefined ? await handledUpTo(deps, now) : now, now);
    if (verdict.kind === 'wait')`,
  },
  {
    name: 'parts-as-young-as-others',
    says: 'An object in parts is looked for by its beginning, a quarter of an hour back.',
    isOnlyOfScenario: true,
    file: 'functions/completion/find-untold.ts',
    find: `isMultipart({ etag }) ? UNTOLD_SECONDS.multipart : UNTOLD_SECONDS.whole;`,
    replace: `isMultipart({ etag }) ? UNTOLD_SECONDS.whole : UNTOLD_SECONDS.whole;`,
  },
  {
    name: 'key-taken-over-by-its-time',
    says: 'Under one key the content that is there now stands, also an upload in parts that began before the other was put.',
    file: 'functions/ingest/compare-with-index.ts',
    find: `const isLater = lastModified`,
    replace: `if (isOlder(arrival, held)) return true;
  const isLater = lastModified`,
  },
  {
    name: 'parts-arrive-at-their-beginning',
    says: 'An object in parts arrives when it is complete, not when its upload began.',
    isOnlyOfScenario: true,
    file: 'functions/completion/awaited-silence.ts',
    find: `if (object.lastModified === undefined || isMultipart(object)) return indexedMs;`,
    replace: `if (object.lastModified === undefined) return indexedMs;`,
  },
];

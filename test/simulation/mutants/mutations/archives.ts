import type { Mutation } from '../mutation.ts';

/** Archives: a part of one must not pass for the whole. */
export const ARCHIVE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'marker-passes-unfinished-archive',
    says: 'A marker completes a series only when the archives below it are indexed as a whole.',
    file: 'functions/completion/covered-series.ts',
    find: `const unfinished = [...archives.unfinished].findLast(isCovered);`,
    replace: `const unfinished = [...archives.unfinished].filter(() => false).findLast(isCovered);`,
    isOnlyOfScenario: true,
  },
  {
    name: 'total-counts-an-instance-twice',
    says: 'An instance that comes in an archive and beside it is counted once.',
    file: 'functions/completion/covered-series.ts',
    find: `(sum, { instances }) => sum + instances.filter(onPage).length,`,
    replace: `(sum, { instances }) => sum + instances.filter(onPage).length + ofArchives.entries.size,`,
    isOnlyOfScenario: true,
  },
  {
    name: 'archive-content-by-size',
    says: 'Two entries have the same content where their CRC-32 and size are equal: the size alone says nothing.',
    file: 'functions/instances/archive-entry.ts',
    find: `\`crc32:\${object.entry.crc32}:\${object.sizeBytes}\``,
    replace: `\`crc32:\${object.sizeBytes}\``,
    isOnlyOfScenario: true,
  },
  {
    name: 'archive-step-skips-an-entry',
    says: 'Each entry of an archive is in one step of its walk.',
    file: 'functions/ingest/archive/entry-pages.ts',
    find: `return { entries, next: next + page.length, isLast`,
    replace: `return { entries, next: next + page.length + 1, isLast`,
    isOnlyOfScenario: true,
  },
  {
    name: 'cut-archive-indexed',
    says: 'Nothing of an archive that is cut off is indexed: a part of a series must not pass for it.',
    file: 'functions/instances/archive.ts',
    find: `phase: format === 'zip' ? 'index' : 'check',`,
    replace: `phase: 'index',`,
    isOnlyOfScenario: true,
  },
  {
    name: 'archive-row-for-a-key',
    says: 'What replaces an archive does not end its walk, where its bucket keeps versions.',
    file: 'functions/instances/archive.ts',
    find: `return hashOf(\`\${etag} \${key}\`);`,
    replace: `return hashOf(\`\${etag.slice(0, 0)} \${key}\`);`,
    isOnlyOfScenario: true,
  },
  {
    name: 'replaced-archive-read-by-key',
    says: 'An archive that was replaced is read to its end, where its bucket keeps versions.',
    file: 'functions/ingest/archive/archive-reader.ts',
    find: `await drop.readRange(key, offset, end - 1, archive);`,
    replace: `await drop.readRange(key, offset, end - 1, { etag: archive.etag });`,
    isOnlyOfScenario: true,
  },
  {
    name: 'abandoned-archive-computed',
    says: 'Nothing is computed of an archive whose walk cannot come to its end.',
    file: 'functions/instances/archive.ts',
    find: `return state === 'gone' && isWhole !== true;`,
    replace: `return state === 'gone' && isWhole !== true && false;`,
    isOnlyOfScenario: true,
  },
];

import type { Mutation } from '../mutation.ts';

/** Upload, receipt and the compute call. */
export const QURE_MUTATIONS: readonly Mutation[] = [
  {
    // Either look alone leaves so short a time that one in some thousand seeds drops something in it.
    name: 'rows-not-compared',
    says: 'What came since the judgement, or while the others go up, keeps the compute call from being made without it.',
    file: 'functions/delivery/compute-series.ts',
    find: `  if (fingerprintOf(instances) !== series.fingerprint) return work.reopen();
  const mixed = mixedIdentity(instances);
  if (mixed !== undefined) return work.fail('mixed_identity', \`\${mixed}; nothing of them was sent to Qure\`);
  const holder = await otherHolder(deps, series, instances, source, permit.credentials);
  if (holder !== undefined) {
    const detail = \`the source \${holder} has brought it into the same workspace of Qure; nothing of this one was sent\`;
    return work.fail('shared_workspace', detail);
  }

  // Also where the source says otherwise by now: what was begun is brought to its end, or Qure would compute a part of it.
  const uploads = source.delivery === 'upload' || series.steps?.uploadBeganAt !== undefined;
  if (uploads) {
    const toUpload = instancesToUpload(instances, source);
    const upload = await uploadSeries(deps, series, toUpload, source, permit, run);
    if (upload.kind === 'stopped') return work.refusedBy(permit, upload.reason);
    if (upload.kind !== 'uploaded') return afterUpload(work, upload);
    work.noteUpload(upload);
  }
  const before = await lookBefore(deps, work, permit);
  if (uploads) {
    // An instance may have come while the others went up, or Qure was asked; Qure must not compute without it.
    const held = await readSet();
    if (held.kind === 'expired') return work.fail('object_missing', EXPIRED_DETAIL);
    if (fingerprintOf(held.instances) !== series.fingerprint) return work.reopen();
`,
    replace: `  if (source.delivery === 'upload') {
    const toUpload = instancesToUpload(instances, source);
    const upload = await uploadSeries(deps, series, toUpload, source, permit, run);
    if (upload.kind === 'stopped') return work.refusedBy(permit, upload.reason);
    if (upload.kind !== 'uploaded') return afterUpload(work, upload);
  }
  const before = await lookBefore(deps, work, permit);
  {
`,
  },
  {
    name: 'kept-content-not-told',
    says: 'A series tells of the contents that Qure has only said that it has: it may hold those of before.',
    file: 'functions/delivery/compute-series.ts',
    isOnlyOfScenario: true,
    find: `    work.noteUpload(upload);
`,
    replace: `    work.noteUpload({ ...upload, replacedUnconfirmed: 0 });
`,
  },
  {
    name: 'kept-content-forgotten-in-a-round',
    says: 'What was sent in an earlier round may be what Qure holds: a 404 may be untrue.',
    file: 'functions/delivery/upload-series.ts',
    isOnlyOfScenario: true,
    find: `replacedIn(await deps.uploadRecords.ofAllRounds(series), instances)`,
    replace: `replacedIn(marks, instances)`,
  },
  {
    name: 'workspace-taken-by-all',
    says: 'Of the sources that share a workspace one alone brings a series there.',
    file: 'functions/aws/table/workspace-store.ts',
    isOnlyOfScenario: true,
    find: `            ConditionExpression: 'attribute_not_exists(pk)',
`,
    replace: '',
  },
  {
    name: 'instances-taken-with-the-series',
    says: 'Of two sources that bring an X-ray series at once one is served.',
    file: 'functions/delivery/shared-workspace.ts',
    isOnlyOfScenario: true,
    find: `const holder = await take(series.seriesInstanceUid);`,
    replace: `const uids = [series.seriesInstanceUid, ...instances.map((one) => one.sopInstanceUid)];
  const [holder = ''] = await Promise.all(uids.map(take));`,
  },
  {
    name: 'short-receipt-accepted',
    says: "The compute call is made only when Qure's receipt shows every instance.",
    file: 'functions/delivery/upload-series.ts',
    find: `if (this.#held !== undefined && this.#held >= expected)`,
    replace: `if (this.#held !== -1)`,
  },
  {
    name: 'registered-trusted-alone',
    says: 'That each part was registered proves nothing: the receipt must count them.',
    file: 'functions/delivery/upload-series.ts',
    find: `if (this.#held !== undefined && this.#held >= expected)`,
    replace: `if (this.#unclear === 0)`,
  },
  {
    name: 'refused-part-marked',
    says: 'Only what Qure has registered is marked as uploaded.',
    file: 'functions/delivery/upload-series.ts',
    find: `.filter((_instance, at) => fieldNames.includes(\`file_\${at}\`))`,
    replace: '',
  },
  {
    name: 'two-contents-in-one-round',
    says: 'A content that comes back is uploaded again: the marks of a round are of one content, and another one begins the next.',
    file: 'functions/delivery/upload-series.ts',
    find: `if (replacing.length > 0)`,
    replace: `if (replacing.length < 0)`,
  },
  {
    name: 'other-bytes-uploaded',
    says: 'Never other bytes are uploaded than those that were indexed.',
    file: 'functions/aws/drop-bucket.ts',
    find: `        IfMatch: \`"\${object.etag}"\`,
        ...defined({ VersionId: object.versionId }),
`,
    replace: '',
  },
  {
    name: 'damage-taken-for-unreachable',
    says: 'A damaged file ends its series at once: another try would read the same bytes.',
    file: 'functions/delivery/upload-series.ts',
    find: `    if (error instanceof DamagedInstanceError)
      return { kind: 'damaged', sopInstanceUid: error.sopInstanceUid };
`,
    replace: '',
  },
  {
    name: 'cut-answer-taken-for-damage',
    says: 'An object of which S3 answered only a part is read again, and not blamed on its sender.',
    file: 'functions/delivery/unpack-instance.ts',
    find: `packed.on('error', (error) => bounded.destroy(error));`,
    replace: `packed.on('error', (error) => bounded.destroy(damaged('broken off', error)));`,
  },
  {
    name: 'no-claim',
    says: 'A compute call whose answer was lost is known to be possible: the claim is saved before it.',
    file: 'functions/delivery/call-compute.ts',
    find: `const saved = await work.deps.series.save(intent);`,
    replace: `const saved = { kind: 'saved' as 'saved' | 'conflict', series: intent };`,
  },
  {
    name: 'already-pushed-taken-for-acceptance',
    says: 'Qure computes a later generation only when asked to recompute; "already pushed" is of an earlier one.',
    file: 'functions/delivery/call-compute.ts',
    find: `const recompute = intent.isLaterGeneration;`,
    replace: `const recompute = false;`,
  },
  {
    name: 'any-processing-proves-the-call',
    says: 'Under process proves that a recompute arrived only where the earlier computation had ended.',
    file: 'functions/delivery/call-compute.ts',
    find: `  if (!intent.isEarlierAnswered) return false;
`,
    replace: '',
  },
  {
    name: 'same-round-after-404',
    says: 'What Qure has lost is uploaded again: a 404 begins the next upload round.',
    file: 'functions/series/transitions.ts',
    find: `return { ...restart(series, source, now), uploadRound: series.uploadRound + 1 };`,
    replace: `return restart(series, source, now);`,
  },
  {
    name: 'acceptance-survives-404',
    says: 'What Qure has lost it has not accepted: the call is made again.',
    file: 'functions/series/series-parts.ts',
    find: `const { accepted: _void, ...kept } = commonFields(series);`,
    replace: `const kept = commonFields(series);`,
  },
];

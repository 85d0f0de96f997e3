import type { Mutation } from '../mutation.ts';

/** Answers that are not what was asked for, and refusals that mean another thing than their status. */
export const ANSWER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'earlier-answer-taken',
    says: 'An answer that equals that of an earlier generation is asked for again.',
    file: 'functions/core/qure/judge-answer.ts',
    isOnlyOfStory: true,
    find: `if (!equalsKnown && !mayBePending) return 'new';`,
    replace: `if (!mayBePending) return 'new';`,
  },
  {
    name: 'earlier-answer-not-asked-for',
    says: 'An answer that nobody has fetched is asked for before a later generation is computed.',
    file: 'functions/compute/call-compute.ts',
    isOnlyOfStory: true,
    find: `if (isFirstCall || isKnown) return {};`,
    replace: `if (generation >= 0) return {};`,
  },
  {
    name: 'first-answer-after-pending-taken',
    says: 'Where an earlier computation had not ended, the first answer may be its own.',
    file: 'functions/core/qure/judge-answer.ts',
    isOnlyOfStory: true,
    find: `earlier.isPending === true && (candidate`,
    replace: `earlier.isPending !== true && (candidate`,
  },
  {
    name: 'unread-scan-is-done',
    says: '200 with the use case not_implemented is no result.',
    file: 'functions/core/qure/judge-answer.ts',
    isOnlyOfStory: true,
    find: `if (answer.kind === 'ready' && isNotImplemented(answer.usecase)) return { kind: 'not_implemented' };`,
    replace: '',
  },
  {
    name: 'other-product-is-done',
    says: 'A CT is answered by the product that it was sent to.',
    file: 'functions/core/qure/usecase.ts',
    isOnlyOfStory: true,
    find: `if (product.results === 'series') return answering?.usecase === product.usecase;`,
    replace: `if (product.results === 'series') return true;`,
  },
  {
    name: 'empty-result-is-done',
    says: 'A result that holds nothing is none.',
    file: 'functions/core/qure/judge-answer.ts',
    isOnlyOfStory: true,
    find: `if (!answer.hasContent && answer.files.length === 0 && answer.ignoredFiles === 0)`,
    replace: `if (answer.ignoredFiles < 0)`,
  },
  {
    name: 'bad-link-ignored',
    says: 'A link that may not be followed is a missing asset.',
    file: 'functions/poll-results/store-assets.ts',
    isOnlyOfStory: true,
    find: `if (result.ignoredFiles > 0) {`,
    replace: `if (result.ignoredFiles > 99) {`,
  },
  {
    name: 'login-body-ends-a-scan',
    says: 'A body that speaks of the login is no word on the scan, whatever its status.',
    file: 'functions/core/qure/qure-voice.ts',
    isOnlyOfStory: true,
    find: `if (field(body, 'authenticated') === false) return true;
  if (/\\blogin\\b/i.test(textOf(field(body, 'next')) ?? '')) return true;
  return status >= 400 && status < 500 && wordsOf(bodyText).some((text) => LOGIN_WORDS.test(text));`,
    replace: `return false;`,
  },
  {
    name: 'lost-file-ends-a-scan',
    says: 'A refusal that says that no file came is no word on the scan.',
    file: 'functions/core/qure/qure-voice.ts',
    isOnlyOfStory: true,
    find: `if (status < 400 || !wordsOf(bodyText).some((text) => NO_FILE_WORDS.test(text))) return false;`,
    replace: `if (status > 0) return false;`,
  },
  {
    name: 'denied-series-stop-a-source',
    says: 'What Qure denies of single series stops no source that it takes.',
    file: 'functions/core/source-gate.ts',
    isOnlyOfStory: true,
    find: `if (reason !== 'source_denied') return open(deps, source, reason, fingerprint);`,
    replace: `if (reason !== 'license_expired') return open(deps, source, reason, fingerprint);`,
  },
];

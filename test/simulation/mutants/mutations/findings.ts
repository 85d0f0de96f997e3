import type { Mutation } from '../mutation.ts';

/** What Qure found, and the model that found it. */
export const FINDING_MUTATIONS: readonly Mutation[] = [
  {
    name: 'present-concluded-from-a-score',
    says: 'A finding is present only where Qure has decided so.',
    file: 'functions/qure/findings/read-answer.ts',
    find: `byKey.set(key, { ...(byKey.get(key) ?? { key }),`,
    replace: `byKey.set(key, { ...(byKey.get(key) ?? { key, present: true }),`,
  },
  {
    name: 'invalid-scan-has-findings',
    says: 'A scan that Qure has not read has no findings.',
    file: 'functions/qure/findings/findings-of.ts',
    find: `return answer.isInvalidScan === true || stated.usecase === 'not_implemented';`,
    replace: `return stated.usecase === 'none';`,
  },
  {
    name: 'finding-on-another-image',
    says: 'A finding of an X-ray names the image that it was found on.',
    file: 'functions/qure/findings/findings-of.ts',
    find: `typed(finding, stated.usecase, answer.sopInstanceUid)`,
    replace: `typed(finding, stated.usecase, answers[0]?.sopInstanceUid)`,
  },
  {
    name: 'ct-asset-not-read',
    says: 'The findings of qCT are in its JSON asset.',
    file: 'functions/results/store-findings.ts',
    find: `.slice(0, MAX_JSON_ASSETS)`,
    replace: `.slice(0, 0)`,
  },
  {
    name: 'model-change-not-told',
    says: 'A model that has changed is announced before it is remembered.',
    file: 'functions/results/finish-result.ts',
    find: `    ...(model?.news === undefined ? {} : { news: [model.news] }),
`,
    replace: '',
  },
];

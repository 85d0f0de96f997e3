import type { Mutation } from '../mutation.ts';

/** Results, and whose they are. */
export const RESULT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'superseded-not-announced',
    says: 'Whoever has an earlier result is told when a later one stands in its place.',
    file: 'functions/series/transitions.ts',
    find: `  return superseded === undefined ? told : withSuperseded(told, superseded);
`,
    replace: `  return told;
`,
  },
  {
    name: 'outdated-result-announced',
    says: 'A result is not announced while an instance that it lacks is indexed.',
    file: 'functions/results/finish-result.ts',
    find: `  if (fingerprintOf(instances) !== series.fingerprint) return work.pollAgain();
`,
    replace: '',
  },
  {
    name: 'recomputation-learned',
    says: 'How long Qure computes is learned of first computations: of a later one, an earlier answer may be there.',
    file: 'functions/results/learn-computing-time.ts',
    find: `generation === 1 && restarts === 0`,
    replace: `generation > 0 && restarts === 0`,
  },
  {
    name: 'polls-grow-without-end',
    says: 'A result is asked for within a minute, also where Qure took much longer of late.',
    file: 'functions/qure/poll-plan.ts',
    find: `Math.min(MAX_STEP_SECONDS, leftSeconds > step || elapsed === 0 ? leftSeconds : step)`,
    replace: `leftSeconds > step || elapsed === 0 ? leftSeconds : step`,
  },
  {
    name: 'processing-taken-for-final',
    says: '202 is no answer: Qure is asked again.',
    file: 'functions/qure/results-answer.ts',
    find: `    case 202:
      return { kind: 'processing', ...retryAfterOf(answer) };
`,
    replace: `    case 202:
      return { kind: 'unsupported', reason: 'not ready' };
`,
  },
  {
    name: 'page-stored-as-result',
    says: 'A page that a proxy answers with 200 is never stored as a result.',
    file: 'functions/qure/results-answer.ts',
    find: `  if (body === undefined || result === undefined) {
    return transient(answer, 'undocumented_body');
  }
`,
    replace: `  if (body === undefined || result === undefined) {
    return { kind, files: [], ignoredFiles: 0, hasContent: true, digest: 'page' };
  }
`,
  },
  {
    name: 'undetermined-taken-for-verdict',
    says: '400 with "Validity not determined yet!" is no verdict.',
    file: 'functions/qure/results-answer.ts',
    find: `/validity not determined/i`,
    replace: `/validity not known/i`,
  },
  {
    name: 'done-without-an-asset',
    says: 'DONE means that every asset is stored.',
    file: 'functions/results/poll-series.ts',
    find: `  if (!isComplete(assets)) return work.afterAssets(assets, resultFiles, hasProgress, concluded);
`,
    replace: '',
  },
  {
    name: 'xray-done-without-an-asset',
    says: 'An instance of an X-ray has its answer when every asset of it is stored.',
    file: 'functions/results/poll-instances.ts',
    find: `if (isComplete(assets)) {`,
    replace: `if (assets.refused.length === 0) {`,
  },
  {
    name: 'mixed-series-uploaded',
    says: 'Two patients or two studies in one series never go to Qure as one volume.',
    file: 'functions/delivery/compute-series.ts',
    find: `  if (mixed !== undefined) return`,
    replace: `  if (mixed === '') return`,
  },
  {
    name: 'patients-not-compared',
    says: 'Two patients in one series are told apart by their hashes.',
    file: 'functions/instances/patient-hash.ts',
    find: `  if (oneId !== otherId) return true;
`,
    replace: '',
  },
  {
    name: 'studies-not-compared',
    says: 'Two studies in one series are told apart.',
    file: 'functions/instances/identity.ts',
    find: `(studies > 1 ?`,
    replace: `(studies > 99 ?`,
  },
  {
    name: 'foreign-asset-stored',
    says: 'A DICOM file of another study or patient never lies under the name of an asset.',
    file: 'functions/results/store-assets.ts',
    find: `const isOther = await isOfOthers(deps, opened.identity, options);`,
    replace: `const isOther = false as boolean;`,
  },
  {
    name: 'foreign-asset-passed-over',
    says: 'A result that came with a file of another study or patient is not announced.',
    file: 'functions/results/store-assets.ts',
    find: `return { kind: isOther ? 'foreign' : 'stored' };`,
    replace: `return { kind: 'stored' };`,
  },
];

import type { Mutation } from './mutation.ts';
import { ANSWER_MUTATIONS } from './mutations/answers.ts';
import { ARCHIVE_MUTATIONS } from './mutations/archives.ts';
import { FINDING_MUTATIONS } from './mutations/findings.ts';
import { INDEX_MUTATIONS } from './mutations/index-and-completion.ts';
import { MESSAGE_MUTATIONS } from './mutations/messages.ts';
import { OTHER_QURE_MUTATIONS } from './mutations/other-qure.ts';
import { PATIENT_MUTATIONS } from './mutations/patients.ts';
import { QUALITY_MUTATIONS } from './mutations/quality.ts';
import { QUOTA_MUTATIONS } from './mutations/quota.ts';
import { QURE_MUTATIONS } from './mutations/qure.ts';
import { RESULT_MUTATIONS } from './mutations/results.ts';
import { SCENARIO_MUTATIONS } from './mutations/scenarios.ts';
import { STOP_MUTATIONS } from './mutations/stopped-sources.ts';
import { WRITE_MUTATIONS } from './mutations/writes.ts';

/** All mutations. An invariant of the simulation must kill each mutant. Those that take the most seeds come first. */
export const MUTATIONS: readonly Mutation[] = [
  ...QURE_MUTATIONS,
  ...WRITE_MUTATIONS,
  ...MESSAGE_MUTATIONS,
  ...INDEX_MUTATIONS,
  ...ANSWER_MUTATIONS,
  ...RESULT_MUTATIONS,
  ...FINDING_MUTATIONS,
  ...QUOTA_MUTATIONS,
  ...STOP_MUTATIONS,
  ...QUALITY_MUTATIONS,
  ...ARCHIVE_MUTATIONS,
  ...OTHER_QURE_MUTATIONS,
  ...PATIENT_MUTATIONS,
  ...SCENARIO_MUTATIONS,
];

export function mutationNamed(name: string): Mutation {
  const found = MUTATIONS.find((mutation) => mutation.name === name);
  if (found === undefined) throw new TypeError(`expected the name of a mutation, got ${name}`);
  return found;
}

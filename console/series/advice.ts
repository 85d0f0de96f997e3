import type { VerdictReason } from '../../functions/qure/answer-facts.ts';
import type { FailureReason } from '../../functions/series/series-facts.ts';
import type { Answer } from '../shared/api.ts';

/** What to do about a series that ended without a result, in a line: docs/operations.md (FAILED, UNSUPPORTED) begins with the same words. */
const ADVICE: Readonly<Record<FailureReason | VerdictReason, string>> = {
  auth_rejected: 'Put the right token into the secret of the source. Then try again.',
  source_denied:
    'Compare the workspace in the secret of the source with the one that Qure issued. Then try again.',
  license_expired: 'Renew the licence with Qure. Then try again.',
  not_uploaded: 'Ask Qure why. Then try again: all images are sent once more.',
  receipt_mismatch: 'Ask Qure which images it lacks. Then try again: all are sent once more.',
  results_timeout:
    'Ask Qure about the series, by its SeriesInstanceUID. Then try again: the result is asked for once more.',
  qure_unavailable: 'Try again when Qure can be reached.',
  object_missing: 'Drop the series again under the same keys, an archive under a key of its own.',
  damaged_object: 'Have the sender drop that file again. The series then goes on by itself.',
  mixed_identity: 'Find out at the sender which images do not belong, and remove them.',
  shared_workspace: 'Two senders have one series: ask which one is right.',
  incomplete_geometry: 'Drop what is missing. The series then goes on by itself.',
  wrong_usecase:
    'Compare the rule that chose the product with the scan. Then choose a product, or try again.',
  legacy_format: 'Ask Qure to switch the token to the new format. Then try again.',
  asset_download: 'Try again. Tell Qure if it happens again.',
  asset_missing: 'Ask Qure why the answer lacks it. Then try again: the result is asked for once more.',
  asset_mismatch: 'Tell Qure at once, and do not forward the file. Then try again.',
  unsupported_scan: 'Qure has read nothing of it. If the product is wrong, choose another one.',
  upload_rejected: 'Check the file that Qure refused, and drop a sound copy.',
  not_implemented: 'Qure has read nothing of it. If the product is wrong, choose another one.',
};

/** There is no secret: the host reads both when it starts. */
const ON_ONE_MACHINE: Readonly<Record<string, string>> = {
  auth_rejected: 'Put the right token into QURE_TOKEN or the sources file, and start again.',
  source_denied:
    'Compare the workspace in QURE_SOURCE or the sources file with the one that Qure issued, and start again.',
};

/** Nothing for a reason of a later version, nor for a series that was skipped. */
export function adviceOn(reason: string, isOneMachine = false): string | undefined {
  const known: Readonly<Record<string, string>> = ADVICE;
  if (isOneMachine && Object.hasOwn(ON_ONE_MACHINE, reason))
    return `${ON_ONE_MACHINE[reason]} Then try again.`;
  return Object.hasOwn(known, reason) ? known[reason] : undefined;
}

type WaitReason = NonNullable<Answer<'Series'>['heldBack']>['reason'];

/** As above, of docs/operations.md (A series waits). */
const WAIT_ADVICE: Readonly<Record<WaitReason, string>> = {
  concurrency: 'Nothing has to be done: it goes on when another series of the source is done.',
  daily_budget: 'Nothing has to be done: it goes on after midnight UTC, when a new budget begins.',
  auth_rejected: 'Put the right token into the secret of the source. The series then goes on by itself.',
  source_denied:
    'Compare the workspace in the secret of the source with the one that Qure issued. The series then goes on by itself.',
  license_expired: 'Renew the licence with Qure. The series then goes on by itself.',
};

export function waitAdviceOn(reason: string, isOneMachine = false): string | undefined {
  const known: Readonly<Record<string, string>> = WAIT_ADVICE;
  if (isOneMachine && Object.hasOwn(ON_ONE_MACHINE, reason))
    return `${ON_ONE_MACHINE[reason]} The series then goes on by itself.`;
  return Object.hasOwn(known, reason) ? known[reason] : undefined;
}

/** Why a series has no result yet that nothing holds back. */
const UNDER_WAY: Readonly<Partial<Record<Answer<'Series'>['state'], string>>> = {
  RECEIVING:
    'images are arriving. It goes on when the sender says that all are there, or when none has come for a while.',
  COMPLETE: 'all images are here, and it is the next to be sent to Qure.',
  UPLOADING: 'its images are being sent to Qure.',
  COMPUTING: 'Qure has its images, and is asked for the result until it is there.',
};

export function underWayInWords(state: Answer<'Series'>['state']): string | undefined {
  return UNDER_WAY[state];
}

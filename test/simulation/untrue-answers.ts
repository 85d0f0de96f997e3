import type { FaultKind } from './faults.ts';

interface Reply {
  status: number;
  body: Record<string, unknown>;
}

/** Answers that Qure gives and that are not the result: what a ready one becomes. */
export function untrueResult(fault: FaultKind | undefined, ready: Reply): Reply {
  const { status, body } = ready;
  switch (fault) {
    case 'qure_not_read':
      return { status: 200, body: { ...body, usecase: 'not_implemented', triage_status: 'Routine' } };
    case 'qure_other_product':
      return { status, body: { ...body, usecase: body['usecase'] === 'qer' ? 'qct' : 'qer' } };
    case 'qure_empty_result':
      return { status, body: { ...body, result: {} } };
    case 'qure_bad_link': {
      const result = body['result'] as { files: Record<string, string[]> };
      return {
        status,
        body: { ...body, result: { ...result, files: { ...result.files, sc: ['file:///etc/passwd'] } } },
      };
    }
    case 'qure_legacy':
      return {
        status,
        body: { success: true, files: {}, tags: [], report: 'Finding 1', raw: {}, patient: {} },
      };
    default:
      return ready;
  }
}

/** Of the two products that read X-rays the other one; of a CT there is none. */
export function otherXrayUsecase(usecase: string): string {
  if (usecase === 'qxr') return 'qmsk';
  return usecase === 'qmsk' ? 'qxr' : usecase;
}

/** Refusals that mean another thing than their status; Qure's own examples swap 400 and 401. */
export function untrueRefusal(fault: FaultKind | undefined, isSwapped: boolean): Reply | undefined {
  switch (fault) {
    case 'qure_login_body':
      return {
        status: isSwapped ? 400 : 403,
        body: {
          message: 'Invalid token header. No credentials provided.',
          next: '/accounts/login/',
          authenticated: false,
        },
      };
    case 'qure_no_file':
      return { status: isSwapped ? 401 : 400, body: { message: 'No DICOM files were uploaded!' } };
    case 'qure_denied_series':
      return { status: 403, body: { success: false, message: 'Access denied!' } };
    default:
      return undefined;
  }
}

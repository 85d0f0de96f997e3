import type { Fault } from './fault-rules.ts';
import { jsonReply, type Reply } from './reply.ts';
import { NOTICE, type ResultBody } from './result-body.ts';

/**
 * The answered result: marked as simulated in every format, and changed by the fault. `instances` are the computed
 * ones: two computations of the same instances have equal answers.
 */
export function resultReply(
  status: number,
  body: ResultBody,
  instances: number,
  fault: Fault | undefined,
): Reply {
  const untrueStatus = fault?.kind === 'not_implemented' ? 200 : status;
  return jsonReply(untrueStatus, { ...untrue(body, fault), simulated: { notice: NOTICE, instances } });
}

function untrue(body: ResultBody, fault: Fault | undefined): object {
  const { usecase: _, ...withoutUsecase } = body;
  switch (fault?.kind) {
    case 'empty_result':
      return { ...body, result: {} };
    case 'other_usecase':
      return { ...body, usecase: fault.usecase };
    case 'not_implemented':
      return { ...body, usecase: 'not_implemented' };
    case 'no_usecase':
      return withoutUsecase;
    case 'legacy':
      return legacy(body);
    case 'asset_left_out': {
      const kept = Object.entries(body.result.files ?? {}).filter(([type]) => type !== fault.type);
      return { ...body, result: { ...body.result, files: Object.fromEntries(kept) } };
    }
    default:
      return body;
  }
}

/** Everything at the top level, without `result`. */
function legacy({ result }: ResultBody): object {
  return {
    success: true,
    message: 'Results retrieved successfully!',
    files: result.files ?? {},
    metadata: {},
    tags: [],
    patient: {},
    report: NOTICE,
    raw: {},
    integrity: {},
  };
}

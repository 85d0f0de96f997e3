import type { Fault } from './fault-rules.ts';
import { jsonReply, type Reply } from './reply.ts';
import { NOTICE, type ResultBody } from './result-body.ts';

/**
 * A result as it is answered: with the mark that it is simulated, whatever its shape, and untrue as the fault says. `instances`
 * are those that were computed: two computations of the same ones have equal answers.
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

/** Everything at the top, and no `result`. */
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

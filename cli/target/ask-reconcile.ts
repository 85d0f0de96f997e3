import {
  FINDING_KINDS,
  FINDING_OUTCOMES,
  type Finding,
} from '../../functions/recovery/reconcile/reconciliation.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { ApiCallError, parseJson } from './api-answer.ts';
import { createApiCaller } from './call-api.ts';
import type { Target } from './target.ts';

const answerSchema = z.object({
  findings: z.array(
    z.object({
      kind: z.enum(FINDING_KINDS),
      outcome: z.enum(FINDING_OUTCOMES),
      source: z.exactOptional(z.string()),
      seriesInstanceUid: z.exactOptional(z.string()),
      sopInstanceUid: z.exactOptional(z.string()),
      key: z.exactOptional(z.string()),
    }),
  ),
  cursor: z.optional(z.string()),
});

export interface ReconcileRequest {
  repair: boolean;
  source?: string;
  minAgeSeconds: number;
}

/** Asks for one part of a report. */
type AskPart = (request: ReconcileRequest & { cursor?: string }) => Promise<unknown>;

/** Requests page after page until everything has been compared, and passes on the findings of each. */
export async function askReconcile(
  target: Target,
  request: ReconcileRequest,
  onFindings: (findings: Finding[]) => void,
): Promise<void> {
  const ask = target.kind === 'stack' ? await ofStack(target) : await ofHost(target);
  let cursor: string | undefined;
  do {
    const part = answerSchema.parse(await ask({ ...request, ...defined({ cursor }) }));
    onFindings(part.findings);
    cursor = part.cursor;
  } while (cursor !== undefined);
}

async function ofHost(target: Target): Promise<AskPart> {
  const call = await createApiCaller(target);
  return (body) => call({ method: 'POST', path: '/local/reconcile', body });
}

/** In the cloud the API has no path for it: the permission to invoke the function is the permission to repair. */
async function ofStack(target: Extract<Target, { kind: 'stack' }>): Promise<AskPart> {
  const { readStack } = await import('./stack.ts');
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const stack = await readStack(target);
  const found = (await stack.resources()).filter(
    ({ type, logicalId }) => type === 'AWS::Lambda::Function' && /Reconcile/.test(logicalId),
  );
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new ApiCallError(
      `expected one function Reconcile in the stack ${stack.name}, found ${found.length}: invoke yours as docs/operations.md says`,
    );
  const client = new LambdaClient({ region: stack.region });
  return async (request) => {
    const command = new InvokeCommand({
      FunctionName: only.physicalId,
      Payload: Buffer.from(JSON.stringify(request)),
    });
    const { Payload, FunctionError } = await client.send(command).catch((cause: unknown) => {
      throw new ApiCallError(
        'expected the function Reconcile to be invoked, and AWS refused or was not reached: check the credentials and lambda:InvokeFunction',
        { cause },
      );
    });
    if (FunctionError !== undefined)
      throw new ApiCallError('the function Reconcile failed: see its log; an unknown --source is one cause');
    return parseJson(Buffer.from(Payload ?? []).toString('utf8'));
  };
}

import * as z from 'zod';
import {
  FINDING_KINDS,
  FINDING_OUTCOMES,
  type Finding,
} from '../../functions/recovery/reconcile/reconciliation.ts';
import type { ReconcileOptions } from './reconcile-options.ts';

const answerSchema = z.object({
  findings: z.array(
    z.object({
      kind: z.enum(FINDING_KINDS),
      outcome: z.enum(FINDING_OUTCOMES),
      source: z.string().exactOptional(),
      seriesInstanceUid: z.string().exactOptional(),
      sopInstanceUid: z.string().exactOptional(),
      key: z.string().exactOptional(),
    }),
  ),
  cursor: z.string().optional(),
});

const problemSchema = z.object({ detail: z.string() });

/** The host refused or failed; the message has the reason. */
export class ReconcileError extends Error {
  override name = 'ReconcileError';
}

/** Requests page after page until everything has been compared, and passes on the findings of each. */
export async function askReconcile(
  consoleUrl: string,
  options: Pick<ReconcileOptions, 'isRepair' | 'source' | 'minAgeSeconds'>,
  onFindings: (findings: Finding[]) => void,
): Promise<void> {
  const { isRepair: repair, source, minAgeSeconds } = options;
  let cursor: string | undefined;
  do {
    const body = JSON.stringify({ repair, source, minAgeSeconds, cursor });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(new URL('/local/reconcile', consoleUrl), { method: 'POST', headers, body });
    const answer: unknown = await response.json();
    if (!response.ok) {
      const problem = problemSchema.safeParse(answer);
      throw new ReconcileError(
        `expected a part of the report, got status ${response.status}: ${problem.success ? problem.data.detail : 'no reason was given'}`,
      );
    }
    const slice = answerSchema.parse(answer);
    onFindings(slice.findings);
    cursor = slice.cursor;
  } while (cursor !== undefined);
}

import * as z from 'zod';

/** What API Gateway tells of the caller whose signature it has checked (payload format 2.0, IAM authorizer). */
const requestContext = z.object({
  apiId: z.string().optional(),
  authorizer: z.object({ iam: z.object({ userArn: z.string().min(1) }) }).optional(),
});

/** As the console server of one machine calls itself. */
const LOCAL_API = 'local';
/** An ARN has at most 2,048 characters (AWS IAM user guide); a made-up one may have more. */
const MAX_LENGTH = 2_048;

/**
 * Who asks: the ARN of an IAM principal, `local` on one machine, `direct` otherwise. A caller that may invoke the function directly
 * writes the event himself: his word is in the audit, and CloudTrail has his name.
 */
export function callerOf(event: { requestContext: unknown }): string {
  const { apiId, authorizer } = requestContext.safeParse(event.requestContext).data ?? {};
  const arn = authorizer?.iam.userArn.slice(0, MAX_LENGTH).toWellFormed();
  return arn ?? (apiId === LOCAL_API ? 'local' : 'direct');
}

import * as z from '../../../functions/shared/schema.ts';
import { ServiceError } from '../service-error.ts';

const attribute = z.strictObject({ DataType: z.string(), StringValue: z.optional(z.string()) });
const attributes = z.optional(z.record(z.string(), attribute));
const names = z._default(z.array(z.string()), []);
const url = { QueueUrl: z._default(z.string(), '') };
const message = {
  MessageBody: z._default(z.string(), ''),
  DelaySeconds: z.optional(z.number()),
  MessageAttributes: attributes,
  MessageGroupId: z.optional(z.string()),
  MessageSystemAttributes: attributes,
};
const receipt = { ReceiptHandle: z._default(z.string(), '') };
const visibility = { ...receipt, VisibilityTimeout: z._default(z.number(), -1) };
const id = { Id: z._default(z.string(), '') };
const batchOf = <T extends z.core.$ZodShape>(entry: T) =>
  z.strictObject({ ...url, Entries: z._default(z.array(z.strictObject({ ...id, ...entry })), []) });

/**
 * The inputs of the operations, with the names of Amazon SQS's API Reference. Unknown members are refused, so no answer
 * is only approximately right. Numbers are checked where they are used.
 */
export const sendMessage = z.strictObject({ ...url, ...message });
export const sendMessageBatch = batchOf(message);
export const receiveMessage = z.strictObject({
  ...url,
  MaxNumberOfMessages: z._default(z.int().check(z.minimum(1), z.maximum(10)), 1),
  VisibilityTimeout: z.optional(z.number()),
  WaitTimeSeconds: z.optional(z.number().check(z.minimum(0), z.maximum(20))),
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
});
export const deleteMessage = z.strictObject({ ...url, ...receipt });
export const deleteMessageBatch = batchOf(receipt);
export const changeMessageVisibility = z.strictObject({ ...url, ...visibility });
export const changeMessageVisibilityBatch = batchOf(visibility);
export const getQueueAttributes = z.strictObject({ ...url, AttributeNames: names });

/** @throws ServiceError with the name of the member, but not its value */
export function parse<T>(schema: z.ZodMiniType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const isUnknown = issue?.code === 'unrecognized_keys';
  const path = [...(issue?.path ?? []), ...(isUnknown ? issue.keys : [])].join('.');
  throw new ServiceError(
    isUnknown ? 'UnsupportedOperation' : 'InvalidParameterValue',
    `${path}: ${isUnknown ? 'unknown member' : issue?.message}`,
  );
}

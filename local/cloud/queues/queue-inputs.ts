import * as z from 'zod';
import { ServiceError } from '../service-error.ts';

const attribute = z.strictObject({ DataType: z.string(), StringValue: z.string().optional() });
const attributes = z.record(z.string(), attribute).optional();
const names = z.array(z.string()).default([]);
const url = { QueueUrl: z.string().default('') };
const message = {
  MessageBody: z.string().default(''),
  DelaySeconds: z.number().optional(),
  MessageAttributes: attributes,
  MessageGroupId: z.string().optional(),
  MessageSystemAttributes: attributes,
};
const receipt = { ReceiptHandle: z.string().default('') };
const visibility = { ...receipt, VisibilityTimeout: z.number().default(-1) };
const id = { Id: z.string().default('') };
const batchOf = <T extends z.ZodRawShape>(entry: T) =>
  z.strictObject({ ...url, Entries: z.array(z.strictObject({ ...id, ...entry })).default([]) });

/**
 * The inputs of the operations, with the names of Amazon SQS's API Reference. Unknown members are refused, so no answer
 * is only approximately right. Numbers are checked where they are used.
 */
export const sendMessage = z.strictObject({ ...url, ...message });
export const sendMessageBatch = batchOf(message);
export const receiveMessage = z.strictObject({
  ...url,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.number().optional(),
  WaitTimeSeconds: z.number().min(0).max(20).optional(),
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
});
export const deleteMessage = z.strictObject({ ...url, ...receipt });
export const deleteMessageBatch = batchOf(receipt);
export const changeMessageVisibility = z.strictObject({ ...url, ...visibility });
export const changeMessageVisibilityBatch = batchOf(visibility);
export const getQueueAttributes = z.strictObject({ ...url, AttributeNames: names });

/** @throws ServiceError with the name of the member, but not its value */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
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

/**
 * Has a message carry its trace. SQS takes a well-formed header alone, and does not count it as part of the message.
 * Source: Amazon SQS API reference, "SendMessage", MessageSystemAttributes.
 */
export function traceAttribute(header: string | undefined) {
  if (header === undefined) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } } };
}

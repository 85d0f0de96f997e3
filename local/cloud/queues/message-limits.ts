import { ServiceError } from '../service-error.ts';
import type { MessageAttribute } from './message.ts';

type Attributes = Readonly<Record<string, MessageAttribute>>;

export interface SendOptions {
  delaySeconds?: number | undefined;
  messageAttributes?: Attributes | undefined;
  messageGroupId?: string | undefined;
  /** As `MessageSystemAttributes` carries it. */
  systemAttributes?: Attributes | undefined;
}

/** Amazon SQS API Reference, SendMessage. */
export const MAX_DELAY_SECONDS = 900;
const MAX_ATTRIBUTES = 10;
const MAX_GROUP_ID_CHARACTERS = 128;
/** AWS X-Ray developer guide, "Tracing header". */
const TRACE_HEADER = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;\w+=[\w:|.?-]+)*$/i;

/** @throws ServiceError for what SQS would refuse */
export function assertSendable(body: string, options: SendOptions, maxBytes: number): void {
  const { delaySeconds = 0, messageAttributes = {}, messageGroupId, systemAttributes = {} } = options;
  if (body === '') {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  if (!isTakenText(body)) throw new ServiceError('InvalidMessageContents', 'Invalid characters');
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
    throw invalid(`DelaySeconds: expected a whole number from 0 to ${MAX_DELAY_SECONDS}`);
  }
  const attributes = Object.values(messageAttributes);
  if (attributes.length > MAX_ATTRIBUTES || attributes.some(isMalformed)) {
    throw invalid(`expected at most ${MAX_ATTRIBUTES} attributes with type and value`);
  }
  if (
    messageGroupId !== undefined &&
    (messageGroupId === '' || messageGroupId.length > MAX_GROUP_ID_CHARACTERS)
  ) {
    throw invalid(`MessageGroupId: expected 1 to ${MAX_GROUP_ID_CHARACTERS} characters`);
  }
  for (const [name, { DataType, StringValue = '' }] of Object.entries(systemAttributes)) {
    if (name !== 'AWSTraceHeader' || DataType !== 'String' || !TRACE_HEADER.test(StringValue)) {
      throw invalid('expected the system attribute AWSTraceHeader, a String, well formed');
    }
  }
  if (bytesOfMessage(body, messageAttributes) > maxBytes) {
    throw invalid(`expected a message of at most ${maxBytes} bytes`);
  }
}

/** Names, types and values of attributes count too. */
export function bytesOfMessage(body: string, attributes: Attributes = {}): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue = '' }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
  }
  return bytes;
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

function isMalformed({ DataType, StringValue }: MessageAttribute): boolean {
  return !/^(String|Number)(\.|$)/.test(DataType) || StringValue === undefined || StringValue === '';
}

/** SQS refuses characters that XML 1.0 does not allow (API Reference, SendMessage, MessageBody). */
function isTakenText(body: string): boolean {
  if (!body.isWellFormed()) return false;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    if (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return false;
    if (code === 0xfffe || code === 0xffff) return false;
  }
  return true;
}

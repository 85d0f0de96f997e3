import {
  type ChangeMessageVisibilityBatchCommandInput,
  type ChangeMessageVisibilityCommandInput,
  type DeleteMessageBatchCommandInput,
  type DeleteMessageCommandInput,
  type GetQueueAttributesCommandInput,
  QueueDoesNotExist,
  type ReceiveMessageCommandInput,
  type SendMessageBatchCommandInput,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from '../command.ts';
import { sqsError } from '../service-errors.ts';
import type { MessageAttribute, SimulatedQueueOptions } from './options.ts';
import { changeVisibilityBatch, deleteBatch } from './receipt-batches.ts';
import { sendBatch } from './send-batch.ts';
import { SimulatedQueue } from './simulated-queue.ts';

const SEND_INPUT = new Set([
  'QueueUrl',
  'MessageBody',
  'DelaySeconds',
  'MessageAttributes',
  'MessageGroupId',
  'MessageSystemAttributes',
]);
const RECEIVE_INPUT = new Set([
  'QueueUrl',
  'MaxNumberOfMessages',
  'VisibilityTimeout',
  'WaitTimeSeconds',
  'MessageSystemAttributeNames',
  'MessageAttributeNames',
]);
const DELETE_INPUT = new Set(['QueueUrl', 'ReceiptHandle']);
const VISIBILITY_INPUT = new Set([...DELETE_INPUT, 'VisibilityTimeout']);
const ATTRIBUTES_INPUT = new Set(['QueueUrl', 'AttributeNames']);
const URL_BASE = 'https://sqs.us-east-1.amazonaws.com/000000000000/';
const OK = { $metadata: { httpStatusCode: 200 } };

/** The queues of an account, behind the SQS client's commands. */
export class SimulatedQueues {
  readonly service = 'sqs';
  readonly #queues = new Map<string, SimulatedQueue>();

  /** Dead-letter queues first. @throws Error when the queue of a redrive does not exist yet */
  create(options: SimulatedQueueOptions): SimulatedQueue {
    const deadName = options.redrive?.deadLetterQueue;
    const deadLetters = deadName === undefined ? undefined : this.#queues.get(deadName);
    if (deadName !== undefined && deadLetters === undefined) {
      throw new Error(`expected the dead-letter queue ${deadName} to be created first`);
    }
    const queue = new SimulatedQueue(options, deadLetters);
    this.#queues.set(options.name, queue);
    return queue;
  }

  urlOf(name: string): string {
    return URL_BASE + name;
  }

  /** @throws QueueDoesNotExist and whatever else SQS throws */
  execute(command: SimulatedCommand): object {
    const operation = operationOf(command);
    const queue = this.#find((command.input as { QueueUrl?: string }).QueueUrl);
    switch (operation) {
      case 'SendMessage':
        return send(queue, command.input as SendMessageCommandInput);
      case 'SendMessageBatch':
        return { ...OK, ...sendBatch(queue, command.input as SendMessageBatchCommandInput) };
      case 'DeleteMessageBatch':
        return { ...OK, ...deleteBatch(queue, command.input as DeleteMessageBatchCommandInput) };
      case 'ChangeMessageVisibilityBatch':
        return {
          ...OK,
          ...changeVisibilityBatch(queue, command.input as ChangeMessageVisibilityBatchCommandInput),
        };
      case 'ReceiveMessage':
        return receive(queue, command.input as ReceiveMessageCommandInput);
      case 'DeleteMessage': {
        assertKnownInput(operation, command.input, DELETE_INPUT);
        queue.delete((command.input as DeleteMessageCommandInput).ReceiptHandle ?? '');
        return OK;
      }
      case 'ChangeMessageVisibility': {
        assertKnownInput(operation, command.input, VISIBILITY_INPUT);
        const { ReceiptHandle = '', VisibilityTimeout = -1 } =
          command.input as ChangeMessageVisibilityCommandInput;
        queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
        return OK;
      }
      case 'GetQueueAttributes':
        return attributes(queue, command.input as GetQueueAttributesCommandInput);
      default:
        throw new NotSimulatedError(operation);
    }
  }

  #find(url: string | undefined): SimulatedQueue {
    const queue = url?.startsWith(URL_BASE) ? this.#queues.get(url.slice(URL_BASE.length)) : undefined;
    if (queue !== undefined) return queue;
    throw new QueueDoesNotExist({
      message: 'The specified queue does not exist.',
      $metadata: { httpStatusCode: 400 },
    });
  }
}

function send(queue: SimulatedQueue, input: SendMessageCommandInput): object {
  assertKnownInput('SendMessage', input, SEND_INPUT);
  const MessageId = queue.send(input.MessageBody ?? '', {
    delaySeconds: input.DelaySeconds,
    messageAttributes: input.MessageAttributes as Record<string, MessageAttribute> | undefined,
    messageGroupId: input.MessageGroupId,
    systemAttributes: input.MessageSystemAttributes as Record<string, MessageAttribute> | undefined,
  });
  return { ...OK, MessageId };
}

/** At once, whatever the wait: who simulates long polls asks again when `nextVisibleAt` says so. */
function receive(queue: SimulatedQueue, input: ReceiveMessageCommandInput): object {
  assertKnownInput('ReceiveMessage', input, RECEIVE_INPUT);
  const max = input.MaxNumberOfMessages ?? 1;
  if (!Number.isInteger(max) || max < 1 || max > 10) {
    throw sqsError('InvalidParameterValue', 'MaxNumberOfMessages: expected 1 to 10');
  }
  const visibilityMs = input.VisibilityTimeout === undefined ? undefined : input.VisibilityTimeout * 1000;
  const asked = new Set<string>(input.MessageSystemAttributeNames ?? []);
  const wantsAttributes = (input.MessageAttributeNames ?? []).includes('All');
  const Messages = queue.receive(max, visibilityMs).map((message) => {
    const system: Record<string, string | undefined> = {
      ApproximateReceiveCount: String(message.approximateReceiveCount),
      SentTimestamp: String(message.sentAtMs),
      MessageGroupId: message.messageGroupId,
      AWSTraceHeader: message.traceHeader,
    };
    const told = Object.entries(system).filter(
      ([name, value]) => value !== undefined && (asked.has('All') || asked.has(name)),
    );
    const hasAttributes = wantsAttributes && Object.keys(message.messageAttributes).length > 0;
    return {
      MessageId: message.messageId,
      ReceiptHandle: message.receiptHandle,
      Body: message.body,
      ...(told.length === 0 ? {} : { Attributes: Object.fromEntries(told) }),
      ...(hasAttributes ? { MessageAttributes: message.messageAttributes } : {}),
    };
  });
  return Messages.length === 0 ? OK : { ...OK, Messages };
}

function attributes(queue: SimulatedQueue, input: GetQueueAttributesCommandInput): object {
  assertKnownInput('GetQueueAttributes', input, ATTRIBUTES_INPUT);
  const counts = queue.approximateCounts();
  const known: Readonly<Record<string, number>> = {
    ApproximateNumberOfMessages: counts.visible,
    ApproximateNumberOfMessagesNotVisible: counts.notVisible,
    ApproximateNumberOfMessagesDelayed: counts.delayed,
  };
  const Attributes = Object.fromEntries(
    (input.AttributeNames ?? []).map((name) => {
      const value = known[name];
      if (value === undefined) throw new NotSimulatedError(`the queue attribute ${name}`);
      return [name, String(value)];
    }),
  );
  return { ...OK, Attributes };
}

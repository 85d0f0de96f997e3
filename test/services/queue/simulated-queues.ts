import { SQSServiceException } from '@aws-sdk/client-sqs';
import { callOf } from '../../../local/cloud/queues/queue-calls.ts';
import { ServiceError } from '../../../local/cloud/service-error.ts';
import { NotSimulatedError, operationOf, type SimulatedCommand } from '../command.ts';
import type { SimulatedQueueOptions } from './options.ts';
import { SimulatedQueue } from './simulated-queue.ts';

const URL_BASE = 'https://sqs.us-east-1.amazonaws.com/000000000000/';
/** What the model says of a call that it does not know. */
const UNKNOWN = ['UnknownOperationException', 'UnsupportedOperation', 'InvalidAttributeName'];

interface Batch {
  Entries: { Id?: string }[];
}

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

  /** @throws SQSServiceException as SQS does, NotSimulatedError */
  execute(command: SimulatedCommand): object {
    const operation = operationOf(command);
    try {
      const call = callOf(operation, command.input);
      const queue = this.#queues.get(call.queueUrl.replace(URL_BASE, ''));
      if (queue === undefined) throw new ServiceError('QueueDoesNotExist', 'The queue does not exist.');
      const answer = operation.endsWith('Batch')
        ? answerInPart(operation, queue, command.input as Batch)
        : call.answerOf(queue);
      return { $metadata: { httpStatusCode: 200 }, ...answer };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { name, message, status: httpStatusCode } = error;
      if (UNKNOWN.includes(name)) throw new NotSimulatedError(`${operation}: ${message}`);
      throw new SQSServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode } });
    }
  }
}

/** Entries fail as the queue's fault says; the others are sent on. */
function answerInPart(operation: string, queue: SimulatedQueue, input: Batch): object {
  const failing = queue.failedEntries(input.Entries.length);
  const Entries = input.Entries.filter((_entry, at) => !failing.has(at));
  if (failing.size === 0) return callOf(operation, input).answerOf(queue);
  const answer = Entries.length === 0 ? {} : callOf(operation, { ...input, Entries }).answerOf(queue);
  const Failed = Array.from(failing, (at) => ({
    Id: input.Entries[at]?.Id,
    Code: 'InternalError',
    SenderFault: false,
  }));
  return { Successful: [], ...answer, Failed };
}

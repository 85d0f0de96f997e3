import type {
  PutEventsCommandInput,
  PutEventsCommandOutput,
  PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from './command.ts';
import { eventBridgeError } from './service-errors.ts';

export interface SimulatedEventBusOptions {
  name: string;
  /** Each event that the bus took, in order. */
  onEvent(event: PutEventsRequestEntry): void;
  /** Which of the entries of a call fail, by index. @default none */
  failedEntries?(entries: number): readonly number[];
}

const KNOWN_INPUT = new Set(['Entries']);
/** Amazon EventBridge API Reference, PutEvents. */
const MAX_ENTRIES = 10;
const MAX_CALL_BYTES = 256 * 1024;

/** An event bus of EventBridge: takes a call's events one by one, so that some may fail. */
export class SimulatedEventBus {
  readonly service = 'events';
  readonly #options: SimulatedEventBusOptions;
  #taken = 0;

  constructor(options: SimulatedEventBusOptions) {
    this.#options = options;
  }

  execute(command: SimulatedCommand): PutEventsCommandOutput {
    const operation = operationOf(command);
    if (operation !== 'PutEvents') throw new NotSimulatedError(operation);
    const { Entries: entries = [], ...rest } = command.input as PutEventsCommandInput;
    assertKnownInput(operation, rest, KNOWN_INPUT);
    if (entries.length === 0 || entries.length > MAX_ENTRIES) {
      throw eventBridgeError(`expected 1 to ${MAX_ENTRIES} entries, got ${entries.length}`);
    }
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_CALL_BYTES) {
      throw eventBridgeError(`expected at most ${MAX_CALL_BYTES} bytes in a call`);
    }
    const failed = new Set(this.#options.failedEntries?.(entries.length) ?? []);
    const answers = entries.map((entry, index) => {
      if (failed.has(index)) return { ErrorCode: 'InternalFailure', ErrorMessage: 'simulated' };
      const problem = problemOf(entry, this.#options.name);
      if (problem !== undefined) return { ErrorCode: problem, ErrorMessage: 'see the API reference' };
      this.#taken += 1;
      this.#options.onEvent(entry);
      return { EventId: `event-${this.#taken}` };
    });
    const FailedEntryCount = answers.filter((answer) => 'ErrorCode' in answer).length;
    return { FailedEntryCount, Entries: answers, $metadata: { httpStatusCode: 200 } };
  }
}

function problemOf(entry: PutEventsRequestEntry, busName: string): string | undefined {
  if (entry.EventBusName !== busName) return 'ResourceNotFoundException';
  if (!entry.Source || !entry.DetailType || entry.Detail === undefined) return 'InvalidArgument';
  try {
    const detail: unknown = JSON.parse(entry.Detail);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail)
      ? undefined
      : 'MalformedDetail';
  } catch {
    return 'MalformedDetail';
  }
}

/** Amazon EventBridge User Guide, "Calculating PutEvents event entry size". */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  const bytes = Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
  return bytes + (Time === undefined ? 0 : 14);
}

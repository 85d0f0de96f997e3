/** Any command of the SDK: its class tells the operation, `input` is what it was made with. */
export interface SimulatedCommand {
  readonly input: object;
}

/** The document client's short names of the operations of DynamoDB. */
const DOCUMENT_OPERATIONS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  BatchGet: 'BatchGetItem',
  BatchWrite: 'BatchWriteItem',
};

/** The operation as the AWS API reference names it: `PutCommand` is `PutItem`, `PutObjectCommand` is `PutObject`. */
export function operationOf(command: SimulatedCommand): string {
  return operationOfName(command.constructor.name.slice(0, -'Command'.length));
}

/** Of a command's class without `Command` at its end. */
export function operationOfName(short: string): string {
  return DOCUMENT_OPERATIONS[short] ?? short;
}

/** A service that is asked for something which it does not model must say so, and never answer nearly right. */
export class NotSimulatedError extends Error {
  override name = 'NotSimulatedError';
  constructor(what: string) {
    super(
      `expected a call that the simulated services model, got ${what}; add it to the service and to the conformance suite`,
    );
  }
}

/** Throws for an option of the input that is not modelled. */
export function assertKnownInput(operation: string, input: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined && !known.has(name)) throw new NotSimulatedError(`${operation} with ${name}`);
  }
}

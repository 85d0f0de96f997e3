import type { GetParametersByPathCommandInput, GetParametersByPathCommandOutput } from '@aws-sdk/client-ssm';
import { assertKnownInput, NotSimulatedError, operationOf, type SimulatedCommand } from './command.ts';

const KNOWN_INPUT = new Set(['Path', 'Recursive', 'MaxResults', 'NextToken']);
/** SSM API reference, GetParametersByPath: a page holds ten. */
const PAGE_PARAMETERS = 10;

/** The parameter store of SSM, read by path. */
export class SimulatedParameters {
  readonly service = 'ssm';
  readonly #read: () => Readonly<Record<string, string>>;

  /** @param read full name → value of every parameter, asked at each call, so that it may change */
  constructor(read: () => Readonly<Record<string, string>>) {
    this.#read = read;
  }

  execute(command: SimulatedCommand): GetParametersByPathCommandOutput {
    const operation = operationOf(command);
    if (operation !== 'GetParametersByPath') throw new NotSimulatedError(operation);
    assertKnownInput(operation, command.input, KNOWN_INPUT);
    const input = command.input as GetParametersByPathCommandInput;
    const path = `${(input.Path ?? '').replace(/\/+$/, '')}/`;
    const parameters = this.#read();
    const names = Object.keys(parameters)
      .filter((name) => name.startsWith(path))
      .filter((name) => input.Recursive === true || !name.slice(path.length).includes('/'))
      .sort();
    const rest = names.filter((name) => input.NextToken === undefined || name > input.NextToken);
    const page = rest.slice(0, Math.min(PAGE_PARAMETERS, input.MaxResults ?? PAGE_PARAMETERS));
    const last = page.at(-1);
    return {
      Parameters: page.map((Name) => ({ Name, Value: parameters[Name] ?? '', Type: 'String', Version: 1 })),
      ...(last !== undefined && page.length < rest.length ? { NextToken: last } : {}),
      $metadata: { httpStatusCode: 200 },
    };
  }
}

import jsonata from 'jsonata';

type Json = unknown;
type Fields = Record<string, Json>;

interface State extends Fields {
  Type: string;
  Next?: string;
  End?: boolean;
}

export interface Definition {
  StartAt: string;
  States: Record<string, State>;
}

/** A call that a state makes: the last part of its resource (`s3:copyObject`) and its arguments. */
export type Call = (action: string, input: Fields) => Json;

/**
 * Runs a state machine of JSONata as far as the examples need it: Pass, Choice, inline Map, calls of AWS SDK integrations, Succeed,
 * with variables, arguments and outputs. What it does not know it refuses.
 * Source: AWS Step Functions developer guide, "Transforming data with JSONata" and "Passing data with variables".
 */
export async function runStateMachine(definition: Definition, input: Json, call: Call): Promise<Json> {
  return new Run(call).states(definition, input, {});
}

class Run {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  async states({ StartAt, States }: Definition, input: Json, variables: Fields): Promise<Json> {
    let name = StartAt;
    let data = input;
    for (;;) {
      const state = States[name];
      if (state === undefined) throw new Error(`Expected a state "${name}", there is none.`);
      const next = await this.#enter(state, data, variables);
      data = next.output;
      if (state.End === true || state.Type === 'Succeed') return data;
      name = next.to ?? state.Next ?? '';
    }
  }

  /** Assigns into `variables`, which a Map's items see but do not change. */
  async #enter(state: State, input: Json, variables: Fields): Promise<{ output: Json; to?: string }> {
    switch (state.Type) {
      case 'Pass':
      case 'Succeed':
        return { output: await finish(state, input, undefined, variables) };
      case 'Task': {
        const given = (await evaluated(state.Arguments, { input }, variables)) as Fields;
        const result = this.#call(String(state.Resource).replace(/^.*:aws-sdk:/, ''), given);
        return { output: await finish(state, input, result, variables) };
      }
      case 'Map': {
        const items = (await evaluated(state.Items, { input }, variables)) as Json[];
        if (!Array.isArray(items)) throw new Error('Expected an array of items.');
        const processor = state.ItemProcessor as Definition;
        const result: Json[] = [];
        for (const item of items) result.push(await this.states(processor, item, { ...variables }));
        return { output: await finish(state, input, result, variables) };
      }
      case 'Choice': {
        for (const choice of state.Choices as (Fields & { Next: string })[]) {
          const isTrue = await evaluated(choice.Condition, { input }, variables);
          if (typeof isTrue !== 'boolean') throw new Error('Expected a condition to give true or false.');
          if (isTrue) return { output: input, to: choice.Next };
        }
        return { output: input, to: String(state.Default) };
      }
      default:
        throw new Error(`Expected a state of a known type, got ${state.Type}.`);
    }
  }
}

async function finish(state: State, input: Json, result: Json, variables: Fields): Promise<Json> {
  const states = { input, ...(result !== undefined && { result }) };
  // Both see the variables as they were.
  const assigned = (await evaluated(state.Assign ?? {}, states, variables)) as Fields;
  const output =
    state.Output === undefined ? (result ?? input) : await evaluated(state.Output, states, variables);
  Object.assign(variables, assigned);
  return output;
}

async function evaluated(value: Json, states: Fields, variables: Fields): Promise<Json> {
  if (Array.isArray(value)) return Promise.all(value.map((part) => evaluated(part, states, variables)));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      async ([name, part]) => [name, await evaluated(part, states, variables)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }
  const expression = typeof value === 'string' ? /^\{%(.*)%\}$/s.exec(value)?.[1] : undefined;
  if (expression === undefined) return value;
  const answer: unknown = await jsonata(expression).evaluate(undefined, { states, ...variables });
  // As States.QueryEvaluationError: an expression has to give a value.
  if (answer === undefined) throw new Error(`Expected a value of ${expression}, got none.`);
  // A sequence of JSONata has members beside its items; the services pass plain JSON on.
  return JSON.parse(JSON.stringify(answer));
}

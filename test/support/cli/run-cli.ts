import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { COMMANDS } from '../../../cli/commands.ts';
import type { World as CliWorld, CommandSpec } from '../../../cli/frame/command.ts';
import { runCommand, runWords } from '../../../cli/frame/run-program.ts';
import { answerOf } from '../../../cli/target/api-answer.ts';
import { type CallApi, eventOf } from '../../../cli/target/call-api.ts';
import { createHandler } from '../../../functions/handlers/serve-api/handler.ts';
import type { World } from '../world/world.ts';

export interface CliRun {
  code: number;
  /** Lines of standard output, and of standard error. */
  lines: string[];
  errors: string[];
}

const NO_CALL: CallApi = () => {
  throw new Error('expected no call of the API');
};

/** A command-line world that calls `call`, and what was printed there. */
export function cliWorld(call: CallApi = NO_CALL, given: Partial<CliWorld> = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const world: CliWorld = {
    print: (line) => void lines.push(...line.split('\n')),
    note: (line) => void errors.push(...line.split('\n')),
    callerFor: async () => call,
    env: {},
    now: () => new Date('2026-03-12T08:00:00Z'),
    signal: new AbortController().signal,
    ...given,
  };
  return { world, lines, errors };
}

/** Runs `qure-dropoff <words>`, or one command with what follows its name. */
export async function runCli(
  what: CommandSpec | undefined,
  argv: readonly string[],
  call?: CallApi,
  given: Partial<CliWorld> = {},
): Promise<CliRun> {
  const { world, lines, errors } = cliWorld(call, given);
  const code = await (what === undefined ? runWords(COMMANDS, argv, world) : runCommand(what, argv, world));
  return { code, lines, errors };
}

/** The handler of the API in a simulated world, as a function of a deployment would be asked. */
export function apiOf(world: World): CallApi {
  return async (request) => {
    const answer = await createHandler(world.deps)(eventOf(request) as APIGatewayProxyEventV2);
    return answerOf(answer.statusCode ?? 500, answer.body ?? '');
  };
}

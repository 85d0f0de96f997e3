import type { SQSClient } from '@aws-sdk/client-sqs';
import { EventSource } from '../../../local/lambda/event-source.ts';
import { LambdaFunction } from '../../../local/lambda/function-host.ts';
import { REGION } from './cdk-command.ts';
import type { DeployedStack } from './deployed-stack.ts';

/** Processes of one function at once, whatever its mapping allows: the machine has other things to do. */
const MAX_PROCESSES = 2;

export interface RunningFunctions {
  /** By the beginning of the logical id behind `DropoffFunctions`, for example `ServeApi`. */
  invoke(name: string, payload: unknown): Promise<unknown>;
  /** As the rules of the account call them. */
  runSchedules(): Promise<unknown[]>;
  /** Lines of the functions' logs, and what the pollers complain of; added to what a former run has left there. */
  log: string[];
  problems: string[];
  stop(): Promise<void>;
}

/**
 * Stands where AWS Lambda does: each function in processes of its own, with the environment that the account holds for it, fed
 * by the event source mappings of the account.
 */
export function runFunctions(
  { functions, mappings, schedules }: DeployedStack,
  sqs: SQSClient,
  endpointUrl: string,
  { log, problems }: Pick<RunningFunctions, 'log' | 'problems'> = { log: [], problems: [] },
): RunningFunctions {
  const running = functions.map((resource) => ({
    resource,
    lambda: new LambdaFunction({
      resource: { ...resource, environment: withQueuesAt(endpointUrl, resource.environment) },
      environment: { AWS_ENDPOINT_URL: endpointUrl, NODE_NO_WARNINGS: '1' },
      maxConcurrency: MAX_PROCESSES,
      log: (line) => log.push(line),
    }),
  }));
  const byName = (name: string) => {
    const found = running.find(({ resource }) => resource.name === name);
    if (found === undefined) throw new Error(`expected a function of the stack, got ${name}`);
    return found.lambda;
  };
  const sources = mappings.map((mapping) => {
    const [, account = '', queueName = ''] = /:(\d+):([^:]+)$/.exec(mapping.queueArn) ?? [];
    return new EventSource({
      mapping,
      queueUrl: `${endpointUrl}/${account}/${queueName}`,
      sqs,
      lambda: byName(mapping.functionName),
      maxConcurrency: MAX_PROCESSES,
      onProblem: (message) => problems.push(message),
    });
  });
  return {
    log,
    problems,
    async invoke(name, payload) {
      const found = running.find(({ resource }) => resource.logicalId.startsWith(`DropoffFunctions${name}`));
      if (found === undefined) throw new Error(`expected a function ${name}`);
      return JSON.parse(await found.lambda.invoke(JSON.stringify(payload)));
    },
    runSchedules: () =>
      Promise.all(
        schedules.map(async ({ functionName, input }) =>
          JSON.parse(await byName(functionName).invoke(input ?? '{}')),
        ),
      ),
    async stop() {
      await Promise.all(sources.map((source) => source.stop()));
      await Promise.all(running.map(({ lambda }) => lambda.stop(10_000)));
      await Promise.all(sources.map((source) => source.drained()));
    },
  };
}

/**
 * moto's CloudFormation names a queue by its address in AWS, and the SDK calls a queue at the host of its URL, whatever the
 * endpoint is.
 */
function withQueuesAt(
  endpointUrl: string,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const inAws = `https://sqs.${REGION}.amazonaws.com/`;
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll(inAws, `${endpointUrl}/`)]),
  );
}

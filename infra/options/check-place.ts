import { type IResource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Notifications, queues and keys of S3 and SQS do not work across regions, and the policies name one account. */
export function elsewhere(
  scope: Construct,
  name: string,
  { env }: IResource,
  parts: readonly ('account' | 'region')[] = ['account', 'region'],
): string[] {
  const stack = Stack.of(scope);
  return parts
    .filter((part) => ![env[part], stack[part]].some(Token.isUnresolved) && env[part] !== stack[part])
    .map(
      (part) =>
        `${name}: expected something in the ${part} of the stack (${stack[part]}), got ${env[part]}; use one from there`,
    );
}

import { CfnResource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ConfiguredSource } from '../../functions/sources/sources-document.ts';

/** Source: AWS CloudFormation user guide, "Understand CloudFormation quotas". */
const MOST_RESOURCES = 500;

/** Reports a stack that is too large for CloudFormation at synthesis, with the causes and the solutions. */
export function watchStackSize(scope: Construct, sources: readonly ConfiguredSource[]): void {
  scope.node.addValidation({
    validate: () => {
      const resources = resourcesOf(Stack.of(scope));
      return resources <= MOST_RESOURCES ? [] : [tooMany(resources, sources)];
    },
  });
}

function resourcesOf(stack: Stack): number {
  return stack.node.findAll().filter((one) => CfnResource.isCfnResource(one) && one.stack === stack).length;
}

function tooMany(resources: number, sources: readonly ConfiguredSource[]): string {
  const ofSources = sources.reduce((sum, source) => sum + resourcesFor(source), 0);
  return (
    `Expected at most ${MOST_RESOURCES} resources in a stack, got ${resources}, of which ${sources.length} sources make ${ofSources}: ` +
    'a parameter, a secret and an alarm each, a role for dropAccess, a rule for each of notifications. ' +
    'Divide the sources among several deployments, each with its own appName and stack, or use one rule of onEvent for all of them.'
  );
}

function resourcesFor({ source, deployment }: ConfiguredSource): number {
  const secrets = source.qure?.secretName === undefined ? 1 : 0;
  const roles = deployment.dropAccess === undefined ? 0 : 1;
  const parameterAndAlarm = 2;
  return parameterAndAlarm + secrets + roles + deployment.notifications.length;
}

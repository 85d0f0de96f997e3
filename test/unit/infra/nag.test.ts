import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS, type Deployment, type DeploymentName, deploy } from './deployments.ts';

const PACKS = [AwsSolutionsChecks, HIPAASecurityChecks];

function findingsOf({ app }: Deployment) {
  return PACKS.flatMap((Pack) => new Pack(app).validateScope(app).violations).map(
    ({ ruleName, violatingResources }) => ({ ruleName, violatingResources }),
  );
}

describe('cdk-nag has nothing to say that is not acknowledged with a reason', () => {
  it.each(Object.keys(DEPLOYMENTS) as DeploymentName[])('of %s', (name) => {
    expect(findingsOf(deploy(name))).toEqual([]);
  });
});

it('finds a careless bucket beside the pipeline with both packs', () => {
  const deployment = deploy('default');
  new Bucket(deployment.dropoff, 'Careless');
  const rules = findingsOf(deployment).map(({ ruleName }) => ruleName);
  expect(rules).toEqual(
    expect.arrayContaining(['AwsSolutions-S1', 'AwsSolutions-S10', 'HIPAA.Security-S3DefaultEncryptionKMS']),
  );
});

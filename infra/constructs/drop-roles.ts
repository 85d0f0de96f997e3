import { Duration } from 'aws-cdk-lib';
import { AccountPrincipal, type IPrincipal, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { DropAccess } from '../../functions/sources/source.ts';
import type { ConfiguredSource } from '../../functions/sources/sources-document.ts';
import { statementsToPutBelow } from './access-grants.ts';
import { asFindingsSay, ONE_POLICY_FOR_ONE_ROLE } from './acknowledgements.ts';
import { Validations } from './validations.ts';

export interface DropRolesProps {
  sources: readonly ConfiguredSource[];
  dropBucket: IBucket;
}

/**
 * A role for each sender of another account, which may put objects below the prefix of its source and nothing else. The
 * role is in the account of the bucket and of its key: neither needs a policy that names another account, and dropped
 * objects belong to the bucket's owner. The external id prevents one site from using the trust of another.
 */
export class DropRoles extends Construct {
  /** By the name of the source. */
  readonly roles: Readonly<Record<string, Role>>;

  constructor(scope: Construct, id: string, { sources, dropBucket }: DropRolesProps) {
    super(scope, id);
    this.roles = Object.fromEntries(
      sources.flatMap(({ source: { name, prefix }, deployment: { dropAccess } }) =>
        dropAccess === undefined ? [] : [[name, this.addRole(name, prefix, dropAccess, dropBucket)]],
      ),
    );
  }

  private addRole(name: string, prefix: string, access: DropAccess, dropBucket: IBucket): Role {
    const role = new Role(this, name, {
      description: `qure-dropoff: the sender of the source ${name} drops scans`,
      assumedBy:
        'accountId' in access ? new AccountPrincipal(access.accountId) : principalOf(access.principalArn),
      externalIds: [access.externalId],
      // The shortest that IAM accepts. A sender requests new credentials when these have expired.
      maxSessionDuration: Duration.hours(1),
      inlinePolicies: {
        Drop: new PolicyDocument({ statements: statementsToPutBelow(dropBucket, prefix) }),
      },
    });
    const objects = dropBucket.arnForObjects(`${prefix}*`);
    Validations.of(role).acknowledge(
      {
        id: `AwsSolutions-IAM5[Resource::${asFindingsSay(this, objects)}]`,
        reason: 'The objects below one prefix: the sender chooses their keys.',
      },
      { id: 'HIPAA.Security-IAMNoInlinePolicy', reason: ONE_POLICY_FOR_ONE_ROLE },
    );
    return role;
  }
}

/**
 * A role or user by a condition: IAM stores the id of one that is named as the principal, so that one which is made anew under its name is
 * refused for ever. Source: AWS IAM User Guide, "AWS JSON policy elements: Principal".
 */
function principalOf(arn: string): IPrincipal {
  const [, , , , account] = arn.split(':');
  return new AccountPrincipal(account).withConditions({ ArnEquals: { 'aws:PrincipalArn': arn } });
}

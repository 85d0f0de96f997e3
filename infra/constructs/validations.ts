import * as cdk from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule of cdk-nag that a resource does not follow, with the reason. */
interface Acknowledgement {
  id: string;
  reason: string;
}

/**
 * `Validations` of the CDK where the app's CDK has it, and otherwise nothing: the acknowledgements are for cdk-nag, which needs
 * that class too. Without this file the package would need a CDK that is newer than everything else in it requires.
 */
export const Validations = {
  of: (scope: IConstruct) => ({
    acknowledge: (...acknowledgements: Acknowledgement[]): void => {
      const ofCdk: typeof cdk.Validations | undefined = cdk.Validations;
      ofCdk?.of(scope).acknowledge(...acknowledgements);
    },
  }),
};

import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { bundledCode } from './bundled-code.ts';
import { MistakesError } from './options/mistakes-error.ts';
import { cdkJsonContext, stackPropsOf } from './options/stack-props.ts';
import { QureDropoffStack } from './qure-dropoff-stack.ts';

/**
 * The CDK app. Needs neither an account nor a network. The template is the same with the CDK's command line and with
 * `node infra/app.ts`: this file passes what the command line would pass.
 */
const app = new App({
  analyticsReporting: false,
  // Not again at the end of the process, after mistakes that have been reported.
  autoSynth: false,
  context: {
    ...cdkJsonContext(),
    // The folder of a function's code, which the one-machine host reads.
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:enable-path-metadata': true,
  },
});

try {
  addStack(await bundledCode());
  app.synth();
} catch (error) {
  if (!isOfThePerson(error)) throw error;
  // Without the stack: it would hide what to correct.
  process.stderr.write(`\n${error.message}\n\n`);
  process.exitCode = 1;
}

function addStack(codeFor: Awaited<ReturnType<typeof bundledCode>>): void {
  new QureDropoffStack(app, 'QureDropoff', {
    codeFor,
    ...stackPropsOf(app.node.getAllContext()),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app));
}

/** Mistakes of options, sources and properties; the CDK reports in one error what the validations of constructs have found. */
function isOfThePerson(error: unknown): error is Error {
  return (
    error instanceof MistakesError ||
    (error instanceof Error && error.message.startsWith('Validation failed with the following errors'))
  );
}

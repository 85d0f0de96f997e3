import { Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { SignIn } from '../../functions/api/sign-in.ts';
import { DROPS_OF_PAGE, RESULTS_FOR_PAGE } from '../../functions/shared/browser-access.ts';
import { ENV } from '../../functions/shared/environment.ts';
import type { ConsoleOptions, SignInOptions } from '../options/sign-in.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { MadeBuckets } from './source-retention.ts';

export interface ConsoleParts extends MadeBuckets {
  httpApi: HttpApi;
  serveApi: PipelineFunction;
}

/**
 * What the page needs besides its routes: how people sign in, and that a browser may use the presigned links to the buckets that we
 * make. The owner of another bucket allows it there (docs/infrastructure.md#sign-in).
 */
export function openConsole({ signIn, origin }: ConsoleOptions, parts: ConsoleParts): void {
  const { httpApi, serveApi, dropBucket, resultsBucket } = parts;
  // Made of values that may be known at the deployment only, such as the id of a user pool of the same stack.
  serveApi.addEnvironment(ENV.signIn, Stack.of(httpApi).toJsonString(toldToFunction(signIn)));
  const ofPage = origin ?? httpApi.apiEndpoint;
  dropBucket?.opensTo(ofPage, DROPS_OF_PAGE);
  resultsBucket?.opensTo(ofPage, RESULTS_FOR_PAGE);
}

function toldToFunction({ audience: _ofTheAuthorizer, scopes, ...signIn }: SignInOptions): SignIn {
  return { ...signIn, scopes: scopes ?? ['openid'] };
}

import { ENV } from '../../functions/shared/environment.ts';
import { LOCAL_REGION } from '../cloud/intrinsics.ts';
import type { FunctionResource } from '../cloud/stack.ts';

/**
 * The whole environment of a function's process: nothing of the host's own environment is included. Source: AWS Lambda
 * Developer Guide, "Defined runtime environment variables".
 */
export function functionEnvironment(
  resource: FunctionResource,
  extra: Readonly<Record<string, string>>,
  runtimeApi: string,
): Record<string, string> {
  return {
    ...resource.environment,
    ...extra,
    // AWS bills nothing of it.
    [ENV.billed]: '',
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: resource.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(resource.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${resource.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: resource.codeFolder ?? '',
    _HANDLER: resource.handler,
    TZ: ':UTC',
  };
}

import { resolve } from 'node:path';
import { EnvironmentError } from '../../functions/aws/lambda/env.ts';
import { readProxyEnvironment } from '../../functions/aws/lambda/surroundings.ts';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../options.ts';

/**
 * What the functions get of the host's environment: its proxies and its certificates. They run in a folder of their own, so
 * the path of the certificates becomes a full one.
 *
 * @throws UsageError for a proxy that is none
 */
export function functionSurroundings(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  try {
    const { httpsProxy, httpProxy, noProxy } = readProxyEnvironment(env);
    const certificates = env['NODE_EXTRA_CA_CERTS'] || undefined;
    return defined({
      HTTPS_PROXY: httpsProxy,
      HTTP_PROXY: httpProxy,
      NO_PROXY: noProxy,
      NODE_EXTRA_CA_CERTS: certificates === undefined ? undefined : resolve(certificates),
    });
  } catch (error) {
    if (error instanceof EnvironmentError) throw new UsageError([error.message]);
    throw error;
  }
}

import { isLoopbackHost } from '@qure-dropoff/network-guard/addresses';
import { type ProxyEnvironment, readProxyUrl } from '../../qure/network.ts';
import { defined } from '../../shared/defined.ts';
import { EnvironmentError, isUnderLambda } from './env.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where this process runs, as far as calls to Qure depend on it. On one machine the services of AWS are on loopback, and so may
 * Qure be; in the cloud loopback is the Lambda runtime itself.
 */
export function readSurroundings(environment: Environment = process.env): {
  isInCloud: boolean;
  proxyEnvironment: ProxyEnvironment;
} {
  return {
    isInCloud: isUnderLambda(environment) && !hasLoopbackServices(environment),
    proxyEnvironment: readProxyEnvironment(environment),
  };
}

/** Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". */
function hasLoopbackServices(environment: Environment): boolean {
  return Object.entries(environment).some(
    ([name, value = '']) =>
      name.startsWith('AWS_ENDPOINT_URL') && isLoopbackHost(URL.parse(value)?.hostname ?? ''),
  );
}

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in small letters first, as curl reads them; a proxy without a scheme speaks http. Throws
 * `EnvironmentError` for what is no proxy, without its value: there may be a password in it.
 */
export function readProxyEnvironment(environment: Environment = process.env): ProxyEnvironment {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || undefined;
  const proxy = (name: string) => {
    const text = read(name);
    if (text === undefined) return undefined;
    const checked = readProxyUrl(text.includes('://') ? text : `http://${text}`);
    if (checked.kind === 'invalid') throw new EnvironmentError(`${name}: ${checked.detail}`);
    return checked.url.href;
  };
  return defined({
    httpsProxy: proxy('HTTPS_PROXY'),
    httpProxy: proxy('HTTP_PROXY'),
    noProxy: read('NO_PROXY'),
  });
}

import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './s3-error.ts';

/**
 * Refuses what a web page could send to this server from a browser on the same machine: a foreign name that was
 * re-bound to 127.0.0.1 (Host), and a page of another site that posts here (Origin).
 * @returns the host's name without its port, in lower case
 */
export function requireLoopback(headers: IncomingHttpHeaders): string {
  const hostname = hostnameOf(headers.host ?? '');
  if (!isLoopbackName(hostname)) {
    throw new S3Error(
      403,
      'AccessDenied',
      'Expected a Host header that names this machine (127.0.0.1, localhost or bucket.localhost). ' +
        'Use one of these in the endpoint URL.',
    );
  }
  const { origin } = headers;
  if (origin !== undefined && !isLoopbackName(hostnameOf(origin.replace(/^https?:\/\//, '')))) {
    throw new S3Error(403, 'AccessDenied', 'Expected a request that no page of another site has sent.');
  }
  return hostname;
}

function hostnameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

function isLoopbackName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

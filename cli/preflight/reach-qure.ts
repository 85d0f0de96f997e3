import { request } from 'node:https';
import { type Finding, ok, problem, warning } from './finding.ts';

const TIMEOUT_MS = 10_000;
const CHECK = 'qure-reachable';

/** What the TLS library says of a certificate that no known authority has issued. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

/** @returns the status of whatever answers there; no credential is sent */
export type AskStatus = (url: URL) => Promise<number>;

/** Whether something answers at Qure's base URL over TLS, seen from this machine. */
export async function judgeQure(baseUrl: string | undefined, ask: AskStatus): Promise<Finding> {
  if (baseUrl === undefined)
    return warning(CHECK, 'no base URL of Qure is known', 'Give --qure URL, or set QURE_BASE_URL.');
  const url = URL.parse(baseUrl);
  if (url?.protocol === 'http:') {
    const fix = 'Use https, or set network.allowHttp of the source (docs/on-premises.md).';
    return warning(CHECK, 'not checked: over http scans and the token are readable', fix);
  }
  if (url?.protocol !== 'https:')
    return problem(CHECK, 'expected an https URL of Qure', 'Use the base URL that Qure issued.');
  try {
    const status = await ask(url);
    return ok(CHECK, `${url.host} answers over TLS from this machine (status ${status})`);
  } catch (error) {
    const { code = 'no answer' } = Object(error) as { code?: string };
    return problem(CHECK, `${url.host} does not answer from this machine: ${code}`, fixOf(code));
  }
}

function fixOf(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'Check the host name, and the DNS of this network.';
  if (UNTRUSTED.test(code))
    return 'A private authority or a proxy issued the certificate: set network.caSecretName of the source (docs/on-premises.md).';
  return 'Allow outgoing TLS to this host and port, or set network.proxyUrl of the source; ask Qure whether it allows only known addresses.';
}

export const askStatus: AskStatus = (url) =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method: 'HEAD', timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    asked.on('error', reject);
    asked.end();
  });

/** What others have to allow; nothing here can check it. */
export function addressesToAllow(baseUrl: string | undefined): Finding {
  const host = URL.parse(baseUrl ?? '')?.host ?? "Qure's base URL";
  return ok(
    'addresses',
    `the functions call ${host} and the hosts of the result files that Qure links to, over TLS. ` +
      'Outside of a VPC they have no fixed address: where Qure allows only known ones, put them into a VPC behind a NAT gateway with an elastic IP.',
  );
}

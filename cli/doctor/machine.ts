import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readProxyEnvironment } from '../../functions/aws/lambda/surroundings.ts';
import { parseCertificates } from '../../functions/sources/ca-certificates.ts';
import { type Finding, ok, problem, warning } from '../preflight/finding.ts';

const GIBIBYTE = 1024 ** 3;
const LITTLE_BYTES = 5 * GIBIBYTE;
const TOO_LITTLE_BYTES = GIBIBYTE;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether this Node.js runs the command (20.19, 22.12 or later) and the host (24). */
export function judgeNode(version: string, isForHost: boolean): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const check = 'node';
  const isEnough = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  if (!isEnough)
    return problem(
      check,
      `Node.js ${version} is too old`,
      'Install Node.js 24, or 20.19, or 22.12 or later.',
    );
  return isForHost && major < 24
    ? warning(
        check,
        `Node.js ${version} runs this command, and not the host`,
        'npm start has Node.js 24 of its own.',
      )
    : ok(check, `Node.js ${version}`);
}

/** Variables that decide how Qure and AWS are reached. Their values may hold passwords: none is shown. */
export async function judgeEnvironment(env: Environment): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    readProxyEnvironment(env);
    const isSet = ['HTTPS_PROXY', 'https_proxy'].some((name) => (env[name] ?? '') !== '');
    findings.push(ok('proxy', isSet ? 'HTTPS_PROXY is set' : 'no proxy is set'));
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'a proxy variable is wrong';
    findings.push(problem('proxy', detail, 'Write http://host:port, or unset it.'));
  }
  const caFile = env['NODE_EXTRA_CA_CERTS'] ?? '';
  if (caFile !== '') {
    const text = await readFile(caFile, 'utf8').catch(() => '');
    findings.push(
      parseCertificates(text) === undefined
        ? problem(
            'ca',
            'NODE_EXTRA_CA_CERTS names no readable file with PEM certificates: Node.js ignores it without a word',
            'Correct the path, or convert the file: openssl x509 -inform der -in ca.cer -out ca.pem',
          )
        : ok('ca', 'NODE_EXTRA_CA_CERTS has certificates'),
    );
  }
  return findings;
}

/** Whether only this user can read the data directory, and whether there is room. A directory that is not there yet is fine. */
export async function judgeDataDir(path: string): Promise<Finding[]> {
  const check = 'data-dir';
  const stats = await stat(path).catch(() => undefined);
  const findings: Finding[] = [];
  if (stats === undefined) findings.push(ok(check, 'there is no data directory yet'));
  else if (!stats.isDirectory())
    findings.push(problem(check, `${path} is no folder`, 'Name another folder by --data-dir.'));
  else if (process.getuid !== undefined && stats.uid !== process.getuid())
    findings.push(
      problem(
        check,
        `${path} belongs to another user`,
        `Run the host as that user, or: sudo chown -R $USER ${path}`,
      ),
    );
  else if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0)
    findings.push(problem(check, `other users may enter ${path}, which holds scans`, `chmod 700 ${path}`));
  else if (!(await canWrite(path)))
    findings.push(problem(check, `${path} cannot be written`, `chmod u+rwx ${path}`));
  else findings.push(ok(check, 'only this user can enter the data directory'));
  const place = stats === undefined ? dirname(path) : path;
  const disk = await statfs(place).catch(() => undefined);
  if (disk !== undefined) findings.push(judgeDisk(disk.bavail * disk.bsize));
  return findings;
}

export function judgeDisk(freeBytes: number): Finding {
  const detail = `${(freeBytes / GIBIBYTE).toFixed(1)} GiB are free`;
  const fix = 'Free some space: the host keeps scans and results; a full disk ends the drop.';
  if (freeBytes < TOO_LITTLE_BYTES) return problem('disk', detail, fix);
  return freeBytes < LITTLE_BYTES ? warning('disk', detail, fix) : ok('disk', detail);
}

function canWrite(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

const SKEW_MS = 60_000;
/** Beyond it AWS refuses signatures. Source: AWS, "Troubleshooting AWS signature errors": five minutes. */
const REFUSED_SKEW_MS = 300_000;

/** @param serverMs what another clock says, from the header Date */
export function judgeClock(serverMs: number | undefined, nowMs: number): Finding {
  if (serverMs === undefined)
    return warning('clock', 'not checked: no server told its time', 'Compare it by hand: date -u');
  const skewMs = Math.abs(nowMs - serverMs);
  const detail = `the clock is ${Math.round(skewMs / 1000)} s away from that of a server`;
  const fix =
    'Set it by NTP (timedatectl set-ntp true): AWS refuses signatures, and links end early or late.';
  if (skewMs > REFUSED_SKEW_MS) return problem('clock', detail, fix);
  return skewMs > SKEW_MS ? warning('clock', detail, fix) : ok('clock', detail);
}

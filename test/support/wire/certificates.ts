import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A server's key and certificate, in PEM. */
export interface ServerCertificate {
  key: string;
  cert: string;
}

export interface TestAuthority {
  /** The certificate of the authority. */
  caPem: string;
  /** For these host names and addresses; valid around now, unless it has `expired`. */
  issue(hosts: readonly string[], expired?: 'expired'): ServerCertificate;
}

const DAY_MS = 86_400_000;

/** A certificate authority that nobody knows, made anew for each run of a test. */
export function createAuthority(name = 'Test authority'): TestAuthority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caPem = certificate({
    issuer: name,
    subject: name,
    publicKey: pair.publicKey,
    signer: pair.privateKey,
    extensions: [extension('551d13', sequence(der(0x01, Buffer.of(0xff))))],
    days: [-1, 30],
  });
  return {
    caPem,
    issue(hosts, expired) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cert = certificate({
        issuer: name,
        subject: hosts[0] ?? '',
        publicKey: own.publicKey,
        signer: pair.privateKey,
        extensions: [extension('551d11', sequence(...hosts.map(generalName)))],
        days: expired === undefined ? [-1, 30] : [-30, -1],
      });
      return { key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
    },
  };
}

interface Content {
  issuer: string;
  subject: string;
  publicKey: KeyObject;
  signer: KeyObject;
  extensions: Buffer[];
  /** From today. */
  days: [from: number, to: number];
}

/** Source: RFC 5280, section 4.1. */
function certificate({ issuer, subject, publicKey, signer, extensions, days }: Content): string {
  const [from, to] = days.map((day) => utcTime(new Date(Date.now() + day * DAY_MS)));
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1), randomBytes(8)),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(from ?? Buffer.of(), to ?? Buffer.of()),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', tbs, signer));
  const base64 = sequence(tbs, ECDSA_WITH_SHA256, signature).toString('base64');
  const pem = `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  return new X509Certificate(pem).toString();
}

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...contents: Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

/** A common name. */
function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
}

function utcTime(at: Date): Buffer {
  const text = `${at.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;
  return der(0x17, Buffer.from(text));
}

/** Critical, which either of those here may be. */
function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(0x01, Buffer.of(0xff)), der(0x04, value));
}

function generalName(host: string): Buffer {
  return isIP(host) === 0
    ? der(0x82, Buffer.from(host))
    : der(0x87, Buffer.from(ipaddr.parse(host).toByteArray()));
}

import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM text, and nothing else of it; `undefined` if there are none, or one cannot be read. */
export function parseCertificates(text: string): string | undefined {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (certificates === null) return undefined;
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    return undefined;
  }
  return `${certificates.join('\n')}\n`;
}

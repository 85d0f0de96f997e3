import type { Fault } from './fault-rules.ts';
import type { SimulatorContext } from './simulator-context.ts';

const FILES: readonly { type: string; extension: string; count: number }[] = [
  { type: 'sc', extension: 'dcm', count: 2 },
  { type: 'sc_thumbnail', extension: 'png', count: 1 },
  { type: 'pdf', extension: 'pdf', count: 1 },
  { type: 'json', extension: 'json', count: 1 },
  // An empty list is documented, so clients must be tested with one.
  { type: 'sr', extension: 'dcm', count: 0 },
];

export interface FilesOwner {
  usecase: string;
  studyInstanceUid: string;
  uid: string;
}

/** `result.files`: asset types with new pre-signed URLs on the other origin, changed by the fault. */
export function signedFiles(
  context: SimulatorContext,
  owner: FilesOwner,
  fault: Fault | undefined,
): Record<string, unknown[]> {
  const lifetimeMs = fault?.kind === 'expired_urls' ? -1000 : context.assetLifetimeMs;
  const urlOf = (type: string, index: number, extension: string) => {
    const segments = ['simulated-results', owner.usecase, owner.studyInstanceUid, owner.uid, type];
    const path = `/${segments.map(encodeURIComponent).join('/')}/${index}.${extension}`;
    return context.signer.sign(context.assetOrigin, path, lifetimeMs);
  };
  const files: Record<string, unknown[]> = {};
  for (const { type, extension, count } of FILES) {
    files[type] = Array.from({ length: count }, (_, index) => urlOf(type, index, extension));
  }
  if (fault?.kind === 'file_type') {
    // Defined, not assigned, because `__proto__` is one of the malicious names.
    const value = [urlOf(fault.type, 0, 'json')];
    Object.defineProperty(files, fault.type, { value, enumerable: true });
  }
  if (fault?.kind === 'file_url') files.sc?.splice(0, 1, fault.url);
  if (fault?.kind === 'file_values') files.sc?.push(7, null, { url: 'nested' });
  return files;
}

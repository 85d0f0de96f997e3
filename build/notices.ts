import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { softwareBill } from './software-bill.ts';
import { packagesOf, thirdPartyLicences } from './third-party-licences.ts';

/**
 * Writes the licences and the bill of materials of what is bundled, which every package of it has to contain.
 * @param bundled the files of the bundles, relative to the repository
 * @param name of the package
 * @returns how many other packages they are of
 */
export function writeNotices(
  repository: string,
  outDir: string,
  bundled: Iterable<string>,
  name = 'qure-dropoff',
): number {
  const owners = packagesOf(bundled, repository);
  writeFileSync(join(outDir, 'third-party-licences.txt'), thirdPartyLicences(owners));
  const [manifest, lockfile] = ['package.json', 'package-lock.json'].map((name) =>
    JSON.parse(readFileSync(join(repository, name), 'utf8')),
  );
  const bill = softwareBill(owners, { ...manifest, name }, lockfile);
  writeFileSync(join(outDir, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
  return owners.length;
}

import type { BundledPackage } from './third-party-licences.ts';

interface Manifest {
  name: string;
  version: string;
  license: string;
}

interface Lockfile {
  packages: Readonly<Record<string, { version?: string; integrity?: string }>>;
}

/**
 * The software bill of materials of the package, in CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/): every package whose
 * code is in the library or in a function. `npm sbom` alone cannot tell: to npm they are development dependencies.
 *
 * It has neither a serial number nor a time, so that the same commit makes the same package.
 *
 * @throws Error for a package of which the lockfile has no digest
 */
export function softwareBill(
  bundled: readonly BundledPackage[],
  { name, version, license }: Manifest,
  { packages }: Lockfile,
): object {
  const components = bundled.map((one) => ({ ...component(one), hashes: [digestOf(one, packages)] }));
  const own = component({ name, version, licence: license });
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: own },
    components,
    dependencies: [{ ref: own['bom-ref'], dependsOn: components.map((one) => one['bom-ref']) }],
  };
}

function component({ name, version, licence }: Pick<BundledPackage, 'name' | 'version' | 'licence'>) {
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [/^[\w.+-]+$/.test(licence) ? { license: { id: licence } } : { expression: licence }],
  };
}

function digestOf({ name, version }: BundledPackage, packages: Lockfile['packages']) {
  const [, locked] =
    Object.entries(packages).find(
      ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
    ) ?? [];
  const [algorithm, digest] = locked?.integrity?.split('-') ?? [];
  if (algorithm !== 'sha512' || digest === undefined)
    throw new Error(
      `Expected package-lock.json to have a SHA-512 digest of ${name}@${version}. Run npm install.`,
    );
  return { alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') };
}

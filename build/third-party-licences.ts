import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in a bundle. */
export interface BundledPackage {
  name: string;
  version: string;
  /** An SPDX expression. */
  licence: string;
  text: string;
}

/**
 * @param bundled the files of the bundles, relative to the repository
 * @returns the packages that own them, sorted by name
 * @throws Error for a package that names no licence
 */
export function packagesOf(bundled: Iterable<string>, repository: string): BundledPackage[] {
  const folders = new Set<string>();
  for (const path of bundled) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    if (folder !== undefined) folders.add(join(repository, folder));
  }
  return [...folders].map(packageIn).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The licences of every package whose code is in a bundle: each of them requires that its text is included. */
export function thirdPartyLicences(owners: readonly BundledPackage[]): string {
  // One text for all that share it: most packages of the AWS SDK do.
  const sharers = Map.groupBy(owners, ({ text }) => text);
  const parts = [...sharers].map(([text, packages]) => {
    const names = packages.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    return `${names.join('\n')}\n\n${text}`;
  });
  const introduction =
    'The bundles of qure-dropoff contain code of the packages below, under the licences that follow their names.';
  return `${[introduction, ...parts].join(`\n\n${'-'.repeat(78)}\n\n`)}\n`;
}

function packageIn(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  if (license === undefined) {
    throw new Error(
      `Expected a licence in the package.json of ${name}. Read its terms before it is bundled.`,
    );
  }
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)\b/i.test(entry));
  const notice = join(folder, 'NOTICE');
  const texts = [
    ...(file === undefined
      ? [`Published under ${license}, without a text of its own.`]
      : [readFileSync(join(folder, file), 'utf8').trim()]),
    ...(existsSync(notice) ? [readFileSync(notice, 'utf8').trim()] : []),
  ];
  return { name, version, licence: license, text: texts.join('\n\n') };
}

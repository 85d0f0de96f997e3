/** What is read or written of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  repository?: { type: string; url: string };
  peerDependencies?: Record<string, string>;
  engines?: Record<string, string>;
  jsii?: { targets: Record<string, object> };
}

/** jsii demands one; a release names its own. */
const NO_REPOSITORY = { type: 'git', url: 'https://repository.invalid/qure-dropoff.git' };

/**
 * The package.json of the jsii module: what it has in common with the package comes from there. Go finds a module by its repository,
 * so it gets one only where that is known.
 *
 * @param own `jsii/package.json`
 */
export function manifestOf(root: Manifest, own: Omit<Manifest, 'version'>): Manifest {
  const { version, engines, peerDependencies } = root;
  const repository = root.repository ?? NO_REPOSITORY;
  const [, owner] = /github\.com[/:]([\w.-]+)\/[\w.-]+$/.exec(repository.url) ?? [];
  const go = owner && {
    go: { moduleName: `github.com/${owner}/qure-dropoff-go`, packageName: 'quredropoff' },
  };
  return {
    ...own,
    version,
    repository,
    ...(engines && { engines }),
    ...(peerDependencies && { peerDependencies }),
    jsii: { ...own.jsii, targets: { ...own.jsii?.targets, ...go } },
  };
}

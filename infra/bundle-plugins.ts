import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** What the clients of Parameter Store and of KMS run at their import for each of their 140 and 49 errors. */
const REGISTRATION = /^n0_registry\.registerError\(/gm;

/**
 * Leaves the errors of two clients out of a bundle, a tenth of most. A client registers every class by a statement, which a
 * bundler has to keep; here it counts as a call without effect. An error without its class has the base class, with the same name,
 * message and status: the pipeline, and the retries of the SDK, read no more of one of Parameter Store or of KMS.
 */
export const leavesOutUnreadErrors: Plugin = {
  name: 'unread-errors',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]client-(?:ssm|kms)[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (source.search(REGISTRATION) < 0)
        throw new Error(
          `Expected ${path} to register its errors one by one, which this version does not do. Look how it does, and adapt infra/bundle-plugins.ts.`,
        );
      return { contents: source.replaceAll(REGISTRATION, '/* @__PURE__ */ $&') };
    });
  },
};

/** A file of this name is not bundled: it is imported from beside the bundle. */
export const importsFromBeside = (name: string): Plugin => ({
  name: 'from-beside',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`/${RegExp.escape(name)}$`) }, () => ({
      path: `./${name}`,
      external: true,
    }));
  },
});

/**
 * Node's http as it is required. An ES import of it reads all that it exports, and with that loads what is there for a first use:
 * a WebSocket, and for it all of undici, an eighth of the start of a function. Lambda's own runtime requires it too.
 * https://github.com/nodejs/node/issues/57649
 */
export const requiresHttp: Plugin = {
  name: 'requires-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement'
        ? { path: 'node:http', namespace: 'required', sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

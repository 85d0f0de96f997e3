import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaFiles, schemaText } from './schema-files.ts';

/** `npm run schemas`: writes the published schemas anew. `test/unit/docs/schemas.test.ts` tells when that is due. */
for (const [path, schema] of Object.entries(schemaFiles())) {
  const file = fileURLToPath(new URL(`../schemas/${path}`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, schemaText(schema));
}

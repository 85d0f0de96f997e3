import { writeFileSync } from 'node:fs';
import { apiDocument } from './api/api-document.ts';

/** `npm run docs:api`: writes `API.md` anew. `test/unit/docs/api-md.test.ts` tells when that is due. */
writeFileSync(new URL('../API.md', import.meta.url), apiDocument());

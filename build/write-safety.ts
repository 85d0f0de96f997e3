import { writeFileSync } from 'node:fs';
import { safetyFiles } from './safety/safety-files.ts';

/** `npm run safety`: writes the pages of the safety file anew. `test/unit/docs/safety.test.ts` tells when that is due. */
for (const [name, text] of Object.entries(safetyFiles()))
  writeFileSync(new URL(`../docs/safety/${name}`, import.meta.url), text);

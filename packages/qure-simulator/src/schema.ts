import { en } from 'zod/locales';
import { config } from 'zod/mini';

/** As `functions/shared/schema.ts`, which a package of its own does not import. */
config(en());

export * from 'zod/mini';

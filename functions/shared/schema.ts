import { en } from 'zod/locales';
import { config } from 'zod/mini';

/**
 * zod for everything here. Of its functions a bundle holds those that are called, and of its classes every method.
 * The functions alone know no message; ours for people repeat zod's.
 */
config(en());

export * from 'zod/mini';
/** By its own name: taken out of `core`, it would bring all of zod into a bundle, with its messages in every language. */
export { $ZodError } from 'zod/v4/core';

/** As package.json says; a test holds them together. Importing that file would change every bundle with every script in it. */
export const VERSION = '0.1.0';

/** Qure: leaving the User-Agent out "can cause errors". */
export const USER_AGENT = `qure-dropoff/${VERSION}`;

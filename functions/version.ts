import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;

/** Qure: leaving the User-Agent out "can cause errors". */
export const USER_AGENT = `qure-dropoff/${VERSION}`;

import { invalidArgument } from './s3-error.ts';

const MAX_ENTRIES = 1000;

/** `max-keys` and similar parameters: 0 to 1000; more counts as 1000. Throws InvalidArgument. */
export function countParameter(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null || text === '') return MAX_ENTRIES;
  if (!/^\d{1,10}$/.test(text)) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`);
  }
  return Math.min(Number(text), MAX_ENTRIES);
}

/** Returns the encoding of names in the answer: unchanged, or for `encoding-type=url` percent-encoded. */
export function nameEncoder(query: URLSearchParams): (name: string) => string {
  const type = query.get('encoding-type');
  if (type === null) return (name) => name;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request');
  return (name) => encodeURIComponent(name.toWellFormed()).replaceAll('%2F', '/');
}

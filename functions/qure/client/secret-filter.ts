/** Shorter ones stand in many words by chance; Qure's tokens are 40 characters. */
const MIN_SECRET_LENGTH = 8;

/** Takes a secret out of texts that end in rows, events and stored results. */
export type SecretFilter = (text: string) => string;

/**
 * A proxy's error page may repeat our request's headers, and a redirect may carry them on. JSON and URLs have more than one
 * spelling of a character (`\u0041`, `\/`, `%41`), and host names lose their capitals, so each of these is looked for.
 *
 * @param secret printable ASCII
 */
export function createSecretFilter(secret: string): SecretFilter {
  if (secret.length < MIN_SECRET_LENGTH) return (text) => text;
  const spellings = new RegExp([...secret].map(spellingsOf).join(''), 'gi');
  return (text) => text.replaceAll(spellings, '[token]');
}

function spellingsOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
  const escaped = '"\\/'.includes(character) ? `|\\\\\\x${hex}` : '';
  // The character itself comes last: `%` and `\\` are the start of their other spellings.
  return `(?:\\\\u00${hex}|%${hex}${escaped}|\\x${hex})`;
}

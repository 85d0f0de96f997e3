/**
 * Where the API is, and by what right it is asked: the one module that decides both. On one machine the paths are those of the
 * documentation and there is no sign-in.
 */
interface Access {
  /** Before `/v1/…`: empty, or `/console` where a bearer token is needed. */
  base: string;
  /** A valid bearer token; it may ask for a sign-in first. */
  token?: () => Promise<string | undefined>;
  /** The server does not accept the token. */
  refused?: () => void;
}

let access: Access = { base: '' };

export function setAccess(given: Access): void {
  access = given;
}

export function urlOf(path: `/v1/${string}`): string {
  return access.base + path;
}

export function noteRefusedToken(): void {
  access.refused?.();
}

export async function authorization(): Promise<Record<string, string>> {
  const token = await access.token?.();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

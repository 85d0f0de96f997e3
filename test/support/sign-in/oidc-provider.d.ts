/** What the tests use of `oidc-provider`, which has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export const interactionPolicy: {
    base(): { get(prompt: 'consent'): { checks: { remove(reason: string): void } } };
  };

  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(
      event: 'grant.success',
      listener: (context: { oidc: { params?: { grant_type?: string } } }) => void,
    ): void;
  }
}

import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Resolves a host name to all of its addresses. */
export type ResolveHost = (hostname: string) => Promise<LookupAddress[]>;

/** Happens when a host name resolves to an address that may not be connected to. Names neither. */
export class ForbiddenAddressError extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';
  constructor() {
    super('Expected a host with allowed addresses only, got one with a private, local or reserved address.');
  }
}

/**
 * A `lookup` for `net.connect`, whose answer is the very address connected to: between a check and the connection there is no
 * second resolution that could answer otherwise (DNS rebinding). One forbidden address condemns the name.
 */
export function guardedLookup(
  isAllowed: (address: string) => boolean,
  resolve: ResolveHost = resolveBySystem,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
          callback(new ForbiddenAddressError(), [], 0);
        } else if (options.all) {
          callback(null, addresses);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, [], 0),
    );
  };
}

function resolveBySystem(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

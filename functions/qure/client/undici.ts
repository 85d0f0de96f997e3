/// <reference path="./undici-modules.d.ts" />
import type { Dispatcher } from 'undici';
import connect from 'undici/lib/api/api-connect.js';
import send from 'undici/lib/api/api-request.js';
import DispatcherOfAll from 'undici/lib/dispatcher/dispatcher.js';

/**
 * What the client uses of undici, by its modules. The entry of undici brings fetch, WebSocket, caches and mocks as well, which
 * would be a quarter of a bundle.
 */
export type { Dispatcher } from 'undici';
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';

// The entry adds all of its calls to every dispatcher; a ProxyAgent needs this one.
DispatcherOfAll.prototype.connect = connect;

export type RequestOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { dispatcher: Dispatcher };

/** As undici's own. */
export function request(
  { origin, pathname, search }: URL,
  { dispatcher, ...options }: RequestOptions,
): Promise<Dispatcher.ResponseData> {
  return send.call(dispatcher, { ...options, origin, path: `${pathname}${search}` });
}

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiServer } from './api-server.ts';
import { createAssetServer } from './asset-server.ts';
import { FaultPlan } from './fault-plan.ts';
import type { FaultRule } from './fault-rules.ts';
import type { HeldSeries } from './held-series.ts';
import { Journal, type SimulatedCall } from './journal.ts';
import { UrlSigner } from './presigned-url.ts';
import { SimulatedState } from './simulated-state.ts';
import type { SimulatorContext } from './simulator-context.ts';
import { DEFAULT_DIALECT, type QureSimulatorOptions } from './simulator-options.ts';

export type { FaultRule } from './fault-rules.ts';
export type { AcceptedComputation, HeldInstance, HeldSeries } from './held-series.ts';
export type { SimulatedCall } from './journal.ts';
export type { Dialect, QureSimulatorOptions } from './simulator-options.ts';

/** A running simulator of Qure. Its results are invented, and marked as simulated. */
export interface QureSimulator {
  /** For `QURE_BASE_URL`: no slash at the end. */
  readonly baseUrl: string;
  /** The origin of the URLs of `result.files`. */
  readonly assetOrigin: string;
  /** Where the asset server listens; another origin than `assetOrigin` if that option is set. */
  readonly assetServerOrigin: string;
  /** Every call to both origins, in the order of their decisions. */
  readonly journal: readonly SimulatedCall[];
  /** The stored series, by SeriesInstanceUID. Read only. */
  readonly series: ReadonlyMap<string, HeldSeries>;
  /** Replaces all fault rules; their counts start anew. */
  setFaults(rules: readonly FaultRule[]): void;
  setToken(token: string): void;
  setSource(source: string): void;
  /** Of every result from now on. */
  setModelVersion(modelVersion: string): void;
  /** Deletes a series or an instance; `false` if nothing with this UID is stored. */
  forget(uid: string): boolean;
  /** Closes both servers and every connection, with or without an answer. */
  close(): Promise<void>;
}

/**
 * Starts the simulator on 127.0.0.1. Throws if a port is in use (`EADDRINUSE`), a fault rule is malformed, or the state
 * file is not its own.
 */
export async function startQureSimulator(options: QureSimulatorOptions): Promise<QureSimulator> {
  const nowMs = options.nowMs ?? Date.now;
  const computeDelayMs = options.computeDelayMs ?? 2000;
  const faults = new FaultPlan(options.faults ?? [], options.seed ?? 1);
  const times = {
    computeDelayMs,
    validityDelayMs: options.validityDelayMs ?? computeDelayMs / 10,
    automaticCompute: options.automaticCompute ?? false,
    nowMs,
  };
  const context: SimulatorContext = {
    credentials: { token: options.token, source: options.source },
    basePath: options.basePath ?? '',
    dialect: { ...DEFAULT_DIALECT, ...options.dialect },
    modelVersion: options.modelVersion ?? 'simulator',
    assetLifetimeMs: options.assetLifetimeMs ?? 60_000,
    assetOrigin: options.assetOrigin ?? '',
    state: new SimulatedState(times, options.statePath),
    faults,
    journal: new Journal(options.journalLimit ?? 20_000),
    signer: new UrlSigner(nowMs),
    nowMs,
  };
  const assetServer = createAssetServer(context);
  const apiServer = createApiServer(context);
  const closeAll = async () => {
    await Promise.all([stop(apiServer), stop(assetServer)]);
    context.state.close();
  };
  try {
    const assetServerOrigin = await listen(assetServer, options.assetPort ?? 0);
    context.assetOrigin ||= assetServerOrigin;
    const origin = await listen(apiServer, options.port ?? 0);
    return {
      baseUrl: `${origin}${context.basePath}`,
      assetOrigin: context.assetOrigin,
      assetServerOrigin,
      journal: context.journal.calls,
      series: context.state.series,
      setFaults: (rules) => faults.set(rules),
      setToken: (token) => {
        context.credentials.token = token;
      },
      setSource: (source) => {
        context.credentials.source = source;
      },
      setModelVersion: (modelVersion) => {
        context.modelVersion = modelVersion;
      },
      forget: (uid) => context.state.forget(uid),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Resolves to the origin. */
async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: boundPort } = server.address() as AddressInfo;
  return `http://127.0.0.1:${boundPort}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

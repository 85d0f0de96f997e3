import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { forward, forwardHalf } from './forward.ts';
import { outageAnswer, partialAnswer, throttleAnswer, type WireAnswer } from './refusals.ts';
import { cutAnswer, sendAnswer, sendSpoiled } from './spoiled-answer.ts';
import { WirePlan } from './wire-plan.ts';
import { readWireRequest } from './wire-request.ts';
import type { Service, WireCall, WireFault, WireRule } from './wire-rule.ts';

/** Stands before services and breaks the wire by rule. What is not struck passes unchanged. */
export interface WireProxy {
  /** Listens on 127.0.0.1 before the service at `url`, and answers the URL to use instead: the path stays. */
  before(service: Service, url: string): Promise<string>;
  /** Replaces all rules. */
  setRules(rules: readonly WireRule[]): void;
  /** How often a rule has struck. */
  struck(ruleName: string): number;
  /** Every call, in the order in which they came. */
  readonly journal: readonly WireCall[];
  close(): Promise<void>;
}

export interface WireProxyOptions {
  /** A call stands still now. */
  onHeld?(call: WireCall): void;
}

interface Front {
  service: Service;
  upstream: URL;
  origin: string;
  server: Server;
}

export function createWireProxy({ onHeld }: WireProxyOptions = {}): WireProxy {
  const plan = new WirePlan();
  const journal: WireCall[] = [];
  const fronts: Front[] = [];
  const sockets = new Set<Socket>();

  /** Qure's answers name its asset host: callers are led through the proxy to it, where it stands there. */
  const rewrite = (service: Service, answer: WireAnswer): WireAnswer => {
    const assets = fronts.find((front) => front.service === 'assets');
    if (service !== 'qure' || assets === undefined) return answer;
    const body = Buffer.from(answer.body.toString('utf8').replaceAll(assets.upstream.origin, assets.origin));
    const { 'content-length': _length, ...headers } = answer.headers;
    return { ...answer, headers, body };
  };

  const serve = async (
    service: Service,
    upstream: URL,
    incoming: IncomingMessage,
    response: ServerResponse,
  ) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const request = await readWireRequest(service, incoming);
    const { operation, by } = request;
    const rule = plan.next(request);
    const call: WireCall = { service, operation, by, forwarded: 0, ...(rule && { struckBy: rule.name }) };
    journal.push(call);
    const ask = async (): Promise<WireAnswer> => {
      call.forwarded += 1;
      const answer = rewrite(service, await forward(upstream, request, gone.signal));
      call.serverStatus = answer.status;
      return answer;
    };
    const cut = () => {
      call.seen = 'cut';
      response.socket?.resetAndDestroy();
    };
    const send = (answer: WireAnswer) => {
      call.seen = answer.status;
      sendAnswer(response, answer);
    };
    const strike = async (fault: WireFault): Promise<void> => {
      switch (fault.kind) {
        case 'cut':
          if (fault.when === 'request') {
            call.forwarded += 1;
            await forwardHalf(upstream, request, gone.signal);
          } else if (fault.when !== 'before') {
            const answer = await ask();
            if (fault.when === 'answer') {
              call.seen = 'cut';
              return cutAnswer(response, answer);
            }
          }
          return cut();
        case 'delay': {
          if (fault.when === 'before') await sleep(fault.ms);
          const answer = await ask();
          if (fault.when === 'after') await sleep(fault.ms);
          return send(answer);
        }
        case 'throttle':
          return send(throttleAnswer(service));
        case 'outage':
          return send(outageAnswer(fault.status));
        case 'partial':
          return send(partialAnswer(request));
        case 'corrupt': {
          const answer = await ask();
          call.seen = answer.status;
          return sendSpoiled(response, answer, fault.how);
        }
        case 'duplicate':
          await ask();
          return send(await ask());
        case 'hold':
          if (fault.when === 'after') await ask();
          call.seen = 'held';
          return onHeld?.(call);
        default:
          return fault satisfies never;
      }
    };
    if (rule !== undefined) return strike(rule.fault);
    const answer = await ask();
    const late = plan.nextAnswer(request, answer.body.toString('latin1'));
    if (late === undefined) return send(answer);
    call.struckBy = late.name;
    call.seen = late.fault.kind === 'corrupt' ? answer.status : 'cut';
    if (late.fault.kind === 'corrupt') return sendSpoiled(response, answer, late.fault.how);
    return late.fault.kind === 'cut' && late.fault.when === 'answer' ? cutAnswer(response, answer) : cut();
  };

  return {
    journal,
    setRules: (rules) => plan.set(rules),
    struck: (name) => plan.struck(name),
    async before(service, url) {
      const upstream = new URL(url);
      const http = createHttpServer((incoming, response) => {
        // Either side may go away in the middle: so does the other, then.
        serve(service, upstream, incoming, response).catch(() => response.socket?.resetAndDestroy());
      });
      // Longer than any client keeps an idle connection.
      http.keepAliveTimeout = 65_000;
      const server = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
        const rule = plan.nextConnection(service);
        const lead = () => http.emit('connection', socket);
        if (rule === undefined) return lead();
        journal.push({
          service,
          operation: 'connect',
          by: 'host',
          forwarded: 0,
          seen: 'cut',
          struckBy: rule.name,
        });
        if (rule.fault.kind === 'delay') return void setTimeout(lead, rule.fault.ms);
        return socket.resetAndDestroy();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      fronts.push({ service, upstream, origin, server });
      return upstream.pathname === '/' ? origin : origin + upstream.pathname;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        fronts.map(({ server }) => new Promise<void>((resolve) => void server.close(() => resolve()))),
      );
    },
  };
}

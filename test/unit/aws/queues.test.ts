import { beforeEach, describe, expect, it } from 'vitest';
import { createQueues, createWaitingDropsCounter, type QueueUrls } from '../../../functions/aws/queues.ts';
import type { Queues } from '../../../functions/series/messages.ts';
import { parseSourcesDocument } from '../../../functions/sources/sources-document.ts';
import type { SimulatedQueue } from '../../services/queue/simulated-queue.ts';
import { SimulatedQueues } from '../../services/queue/simulated-queues.ts';
import { clientOf, directWire } from '../../services/wire.ts';

const NAMES = ['completion', 'compute', 'results', 'urgentCompute', 'urgentResults'] as const;
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
const work = { source: 'siteA', seriesInstanceUid: '1.2', ticket: 3 };
const urgent = { ...work, priority: 'urgent' as const };
const polls = { polls: 1, failures: 0, assetTries: 0 };

let service: SimulatedQueues;
let queues: Map<keyof QueueUrls, SimulatedQueue>;
let nowMs = 0;
beforeEach(() => {
  service = new SimulatedQueues();
  const common = { now: () => nowMs, random: () => 0 };
  queues = new Map(NAMES.map((name) => [name, service.create({ name, ...common })]));
});
const over = (names: readonly string[]) =>
  createQueues(
    clientOf(service, directWire),
    Object.fromEntries(names.map((name) => [name, service.urlOf(name)])),
    () => TRACE,
  );

describe.each<[keyof QueueUrls, object, (queues: Queues) => Promise<void>]>([
  ['completion', { kind: 'quiet', ...work }, (to) => to.sendCompletion({ kind: 'quiet', ...work }, 7)],
  ['compute', { ...work, tries: 2 }, (to) => to.sendCompute({ ...work, tries: 2 }, 7)],
  ['urgentCompute', { ...urgent, tries: 2 }, (to) => to.sendCompute({ ...urgent, tries: 2 }, 7)],
  ['results', { ...work, ...polls }, (to) => to.sendResults({ ...work, ...polls }, 7)],
  ['urgentResults', { ...urgent, ...polls }, (to) => to.sendResults({ ...urgent, ...polls }, 7)],
])('the %s queue', (name, message, send) => {
  it('receives the message with its delay and trace, in the group of its source', async () => {
    await send(over(NAMES));
    const queue = queues.get(name);
    expect(queue?.counts()).toEqual({ visible: 0, inflight: 0, delayed: 1 });
    nowMs += 7_000;
    const [received] = queue?.receive(1) ?? [];
    expect(received).toMatchObject({ groupId: 'siteA', traceHeader: TRACE });
    expect(JSON.parse(received?.body ?? '')).toEqual(message);
  });

  it('throws if the function has no URL for it', async () => {
    await expect(send(over(NAMES.filter((one) => one !== name)))).rejects.toThrow(`${name} queue`);
  });
});

it('makes a valid message group of the longest and oddest name of a source', () => {
  const name = `a.-_${'z9'.repeat(29)}0`;
  expect(name).toHaveLength(63);
  const [configured] = parseSourcesDocument({ sources: { [name]: {} } });
  expect(configured?.source.name).toBe(name);
  // Source: Amazon SQS API, SendMessage: up to 128 letters, digits and punctuation.
  expect(name).toMatch(/^[a-zA-Z0-9!"#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-]{1,128}$/);
});

it('counts the drops that wait, without those that a run works on', async () => {
  const ingest = service.create({ name: 'ingest', now: () => nowMs, random: () => 0 });
  const count = createWaitingDropsCounter(clientOf(service, directWire), service.urlOf('ingest'));
  expect(await count()).toBe(0);
  for (let at = 0; at < 7; at += 1) ingest.send('drop');
  ingest.receive(4);
  expect(await count()).toBe(3);
  ingest.receive(10);
  expect(await count()).toBe(0);
});

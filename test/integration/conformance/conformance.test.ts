import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationOfName } from '../../services/command.ts';
import { whyNoMoto } from '../../support/moto-server.ts';
import { adapterCases } from './adapter-cases.ts';
import { batchCases } from './batch-cases.ts';
import { bucketCases } from './bucket-cases.ts';
import { bucketEventCases } from './bucket-event-cases.ts';
import { conditionCases } from './condition-cases.ts';
import { controlCases } from './control-cases.ts';
import { embeddedWorld } from './embedded-world.ts';
import { listingCases } from './listing-cases.ts';
import { motoWorld } from './moto-world.ts';
import { queryCases } from './query-cases.ts';
import { queueBatchCases } from './queue-batch-cases.ts';
import { queueCases } from './queue-cases.ts';
import { simulatedWorld } from './simulated-world.ts';
import { updateCases } from './update-cases.ts';
import type { ConformanceCase, ConformanceWorld, QueueWorld } from './world.ts';

const QUEUE_CASES = [...queueCases, ...queueBatchCases];

/** One list for the model and for the wire: where both pass, the simulation runs on what the embedded cloud speaks. */
const CASES: readonly ConformanceCase[] = [
  ...conditionCases,
  ...updateCases,
  ...batchCases,
  ...queryCases,
  ...bucketCases,
  ...bucketEventCases,
  ...QUEUE_CASES,
  ...controlCases,
  ...adapterCases,
  ...listingCases,
];

/** No scenario of the simulation keeps patients. What the embedded cloud answers is tested beside its other control planes. */
const OF_KMS = ['Encrypt', 'Decrypt'];

describe('the simulated services', () => {
  const operations = new Set<string>();
  const world = simulatedWorld(operations);

  for (const { name, run, expected } of CASES) {
    it(name, async () => expect(await run(world)).toEqual(expected));
  }

  it('cover every operation that an adapter sends', () => {
    const sent = globSync('functions/**/*.ts').flatMap((file) =>
      Array.from(readFileSync(file, 'utf8').matchAll(/new ([A-Z][A-Za-z0-9]*)Command\(/g), ([, name = '']) =>
        operationOfName(name),
      ),
    );
    expect(sent.length).toBeGreaterThan(20);
    const uncovered = [...new Set(sent)].filter((operation) => !operations.has(operation));
    expect(uncovered.toSorted()).toEqual(OF_KMS.toSorted());
  });
});

describe('the embedded cloud', () => {
  let world: ConformanceWorld;
  beforeAll(async () => {
    world = await embeddedWorld();
  });
  afterAll(() => world.stop());

  for (const { name, run, expected, embeddedDiffers } of CASES) {
    it.skipIf(embeddedDiffers !== undefined)(
      embeddedDiffers === undefined ? name : `${name}: ${embeddedDiffers}`,
      async () => expect(await run(world)).toEqual(expected),
    );
  }
});

/** Of the queues, the embedded cloud and the simulation share the rules: their cases need a witness that others have written. */
const why = whyNoMoto();
if (why !== undefined) console.warn(`skipped: test/integration/conformance over moto: ${why}`);
describe.skipIf(why !== undefined)('moto', () => {
  let world: QueueWorld;
  beforeAll(async () => {
    world = await motoWorld(2 * QUEUE_CASES.length);
  }, 60_000);
  afterAll(() => world.stop());

  for (const { name, run, expected, motoDiffers } of QUEUE_CASES) {
    it.skipIf(motoDiffers !== undefined)(
      motoDiffers === undefined ? name : `${name}: moto ${motoDiffers}`,
      async () => expect(await run(world)).toEqual(expected),
    );
  }
});

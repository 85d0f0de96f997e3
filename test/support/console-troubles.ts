import type { MonthCost } from '../../functions/api/month-cost.ts';
import type { QuarantinedObject } from '../../functions/instances/quarantine.ts';
import { addSeconds } from '../../functions/shared/time.ts';
import { consoleWorld, HOSTILE_TEXTS } from './console-world.ts';
import { sourceNamed, World } from './world/world.ts';

/** More than a page of the API. */
export const TRUNCATED = 130;
export const LETTER_OF = '1.2.826.700.1';

/** Everything that the people who run a pipeline may have to look at, with hostile texts where senders write. */
export async function troubledWorld(): Promise<World> {
  const now = new Date();
  const world = await consoleWorld(120, now);
  world.clock.advanceTo(now.toISOString());
  const [north] = world.sources;
  if (north !== undefined) world.sources[0] = { ...north, maxConcurrentSeries: 3, dailyBudget: 40 };
  await world.sourceStates.decide('south', (state) => ({
    state: {
      ...state,
      stop: {
        reason: 'auth_rejected',
        since: addSeconds(now.toISOString(), -3_600),
        credentialsFingerprint: 'f'.repeat(32),
        nextProbeAt: addSeconds(now.toISOString(), 600),
      },
    },
  }));
  const quarantined = (n: number, more: Pick<QuarantinedObject, 'key' | 'reason' | 'detail'>) => ({
    id: String(n).padStart(32, '0'),
    source: 'north',
    at: addSeconds(now.toISOString(), -n),
    ...more,
  });
  await world.quarantine.put([
    ...HOSTILE_TEXTS.map((text, n) =>
      // Of a text that is no Unicode no key can be made.
      quarantined(n, {
        key: `north/${text.toWellFormed()}`,
        reason: 'not_dicom',
        detail: text.toWellFormed(),
      }),
    ),
    ...Array.from({ length: TRUNCATED }, (_, n) =>
      quarantined(100 + n, { key: `north/${n}.dcm`, reason: 'truncated', detail: 'the file ends at 66056' }),
    ),
  ]);
  const letter = JSON.stringify({ source: 'north', seriesInstanceUid: LETTER_OF, ticket: 3 });
  world.deadLetters.put('compute', letter, {
    cause: 'unknown_source',
    failedAt: now.toISOString(),
    receives: 5,
  });
  world.deadLetters.put('ingest', HOSTILE_TEXTS[0], { cause: 'not_s3_event' });
  return world;
}

/** As no deployment answers: every text of it is hostile. */
export function hostileCost(): MonthCost {
  const [text, other, region] = HOSTILE_TEXTS;
  return {
    since: '2026-11-01T00:00:00.000Z',
    asOf: '2026-11-15T10:00:00.000Z',
    usd: 1_234.5,
    items: [
      {
        service: text,
        counted: other,
        quantity: 2_500_000.25,
        price: { usd: 13.3334, per: 1_000_000, unit: text },
        usd: 33.33,
        metric: text,
      },
      {
        service: 'SQS',
        counted: 'W'.repeat(64),
        quantity: 3,
        price: { usd: 0.4, per: 1, unit: 'request' },
        usd: 0.0000012,
        metric: other,
      },
    ],
    missing: [other, 'Monthly fees'],
    region,
    prices: { region, asOf: text },
  };
}

/** A pipeline to which nothing has come. */
export function emptyWorld(): World {
  const world = new World({ sources: [sourceNamed('north')] });
  world.clock.advanceTo(new Date().toISOString());
  return world;
}

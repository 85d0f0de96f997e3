import { expect, test } from 'vitest';
import { credentialsFingerprintOf } from '../../../functions/core/circuit.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID } from '../../support/world/scans.ts';
import { computingSeries } from '../../support/world/stages.ts';
import { credentialsOf } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

/** Answers of one who knows us, whatever else they say. */
test.each([{ status: 202 }, { status: 404 }])(
  'a probe that is answered $status lets its source go on',
  async ({ status }) => {
    const world = newWorld();
    const message = await computingSeries(world);
    await world.circuits.put({
      source: 'default',
      reason: 'license_expired',
      openedAt: world.clock.instant(),
      credentialsFingerprint: credentialsFingerprintOf(credentialsOf('default')),
      probeSeriesInstanceUid: ID.seriesInstanceUid,
    });
    world.qure.seriesResults.next(resultsAnswer(status));
    await runPoll(world, message);
    const { circuit } = await world.circuits.load('default');
    expect(circuit).toMatchObject({ recoveringAt: world.clock.instant() });
  },
);

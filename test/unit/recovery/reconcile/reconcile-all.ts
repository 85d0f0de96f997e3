import { createHandler, type ReconcileAnswer } from '../../../../functions/handlers/reconcile/handler.ts';
import type { Finding } from '../../../../functions/recovery/reconcile/reconciliation.ts';
import { deliverAll, lambdaContext } from '../../../support/world/delivery.ts';
import { FakeQure } from '../../../support/world/fake-qure.ts';
import { stagesOf, sweepOf } from '../../../support/world/pipeline.ts';
import { putSlices } from '../../../support/world/scans.ts';
import { index } from '../../../support/world/stages.ts';
import type { World } from '../../../support/world/world.ts';

/** Slice after slice, as the command asks for them. */
export async function reconcile(
  world: World,
  request: { repair?: boolean; source?: string; minAgeSeconds?: number } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let cursor: string | undefined;
  do {
    const event = { ...request, ...(cursor === undefined ? {} : { cursor }) };
    const answer = (await createHandler(world.deps)(event, lambdaContext(world))) as ReconcileAnswer;
    findings.push(...answer.findings);
    cursor = answer.cursor;
  } while (cursor !== undefined);
  return findings;
}

/** `kind outcome`, sorted. */
export function kindsOf(findings: readonly Finding[]): string[] {
  return findings.map(({ kind, outcome }) => `${kind} ${outcome}`).sort();
}

/** Everything that was sent goes its way, and the sweep besides. */
export async function run(world: World): Promise<void> {
  await deliverAll(world, [...stagesOf(world), sweepOf(world)]);
}

/** A series of so many slices whose results are stored, an hour ago. */
export async function doneSeries(world: World, count = 3): Promise<FakeQure> {
  const qure = new FakeQure(world);
  await index(world, putSlices(world, count));
  await run(world);
  world.clock.advance(3600);
  return qure;
}

/** A series of so many slices that is receiving, since long ago; its message waits. */
export async function oldSeries(world: World, count = 3): Promise<void> {
  await index(world, putSlices(world, count));
  world.clock.advance(3600);
}

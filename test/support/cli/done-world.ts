import { createHash } from 'node:crypto';
import { runPoll } from '../../unit/results/run-poll.ts';
import { newWorld } from '../world/new-world.ts';
import { asset, resultBody, resultsAnswer } from '../world/qure-answers.ts';
import { ID } from '../world/scans.ts';
import { ACCEPTED, computingSeries, seriesIn } from '../world/stages.ts';
import type { World } from '../world/world.ts';

const PDF = 'https://assets.example/report.pdf?sig=1';

/** A world with one series that is DONE, and the files that were dropped, by their SOPInstanceUIDs. */
export async function doneWorld(
  product: 'qER' | 'qXR' = 'qER',
): Promise<{ world: World; files: Map<string, Buffer> }> {
  const world = newWorld();
  const message = await computingSeries(world, { product, compute: ACCEPTED });
  const answer = resultsAnswer(200, resultBody({ pdf: [PDF] }, 'Critical'));
  const files = new Map<string, Buffer>();
  const registered = [];
  for (const { sopInstanceUid, object } of await world.instances.ofSeries(ID)) {
    const opened = await world.drop.openInstance(object);
    const chunks: Uint8Array[] = [];
    if (opened.kind === 'open') for await (const chunk of opened.body) chunks.push(chunk as Uint8Array);
    const bytes = Buffer.concat(chunks);
    files.set(sopInstanceUid, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    registered.push({ sopInstanceUid, etag: object.etag, sha256 });
  }
  const { uploadRound } = await seriesIn(world, 'COMPUTING');
  await world.uploadRecords.add(ID, uploadRound, { registered, instancesAtQure: registered.length });
  world.qure.seriesResults.always(answer);
  world.qure.instanceResults.always(answer);
  world.qure.assets.always(({ url }) => asset(url));
  await runPoll(world, message);
  return { world, files };
}

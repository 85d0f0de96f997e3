import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { sourceNamed } from '../drop/drop-place.ts';
import type { CommandSpec } from '../frame/command.ts';
import { COMMENT_ROW, SOURCE_ROW } from '../frame/shared-rows.ts';
import { ApiCallError } from '../target/api-answer.ts';
import { refuseUnknownSource } from '../target/known-names.ts';
import { targetOf } from '../target/target.ts';

const link = z.object({ url: z.string() });
const answer = z.object({ uploads: z.array(link), marker: z.optional(link) });

export const links: CommandSpec = {
  name: 'links',
  group: 'Scans',
  summary: 'Makes links by which a sender without credentials uploads files',
  about: `One link a file:
  curl --fail -T image.dcm '<link>'
The last link printed is that of the marker, for when all files are there:
  curl --fail -X PUT -d '' '<link>'
A link can be used without a password until it expires: keep it as secret as one.`,
  options: [
    { ...SOURCE_ROW, help: 'below whose prefix, where there are several' },
    {
      name: 'count',
      placeholder: 'N',
      value: { kind: 'whole', least: 1, most: 1000 },
      help: 'how many files, 1 to 1000',
    },
    {
      name: 'expires',
      placeholder: 'N',
      value: { kind: 'whole', least: 60, most: 3600 },
      help: 'seconds that the links are good for, 60 to 3600 (default: 900)',
    },
    { name: 'no-marker', value: { kind: 'flag' }, help: 'without the link of the marker' },
    COMMENT_ROW,
  ],
  hasTarget: true,
  printsJson: true,
  check: (given) => [...(given.isTyped('count') ? [] : ['--count: expected how many files, got none'])],
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const body = {
      source: given.text('source') ?? (await sourceNamed(call, undefined)),
      count: given.number('count'),
      withMarker: !given.has('no-marker'),
      ...defined({ expiresInSeconds: given.number('expires'), comment: given.text('comment') }),
    };
    const made = await call({ method: 'POST', path: '/v1/uploads', body }).catch(async (error: unknown) => {
      if (error instanceof ApiCallError && error.status === 404) await refuseUnknownSource(call, body.source);
      throw error;
    });
    if (given.has('json')) {
      world.print(JSON.stringify(made, undefined, 2));
      return 0;
    }
    const { uploads, marker } = answer.parse(made);
    for (const { url } of uploads) world.print(url);
    if (marker !== undefined) world.print(marker.url);
    return 0;
  },
};

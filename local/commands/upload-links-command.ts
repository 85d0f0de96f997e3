import * as z from 'zod';
import { UsageError } from '../options/usage-error.ts';
import { COMMON_HELP, placeOf, readOptions, textOf } from './command-line.ts';
import type { Command } from './run-command.ts';

const HELP = `npm run upload-links -- --source S --count N [options]

Makes links by which a sender without credentials puts N files into the drop bucket, one file a link:
  curl --fail -T image.dcm '<link>'
The last link printed is that of the marker: curl --fail -X PUT -d '' '<link>' once all files are there.
Whoever has a link may use it until it expires: send it as you would send a password.

  --source S       below whose prefix
  --count N        how many files, 1 to 1000
  --expires N      seconds that the links are good for, 60 to 3600; default 900
  --no-marker      without the link of the marker
${COMMON_HELP}`;

const link = z.object({ url: z.string() });
const answer = z.object({ uploads: z.array(link), marker: link.optional() });

/** `npm run upload-links` */
export const uploadLinks: Command = async (argv, world) => {
  const values = readOptions(argv, {
    source: { type: 'string' },
    count: { type: 'string' },
    expires: { type: 'string' },
    'no-marker': { type: 'boolean' },
  });
  if (values['help'] === true) {
    world.print(HELP);
    return 0;
  }
  const source = textOf(values, 'source');
  const count = textOf(values, 'count');
  const expires = textOf(values, 'expires');
  const problems = [
    ...(source === undefined ? ['--source: expected the name of a source'] : []),
    ...(isWhole(count, 1, 1000) ? [] : ['--count: expected a whole number from 1 to 1000']),
    ...(expires === undefined || isWhole(expires, 60, 3600)
      ? []
      : ['--expires: expected a whole number of seconds from 60 to 3600']),
  ];
  if (problems.length > 0) throw new UsageError(problems);
  const body = {
    source,
    count: Number(count),
    withMarker: values['no-marker'] !== true,
    ...(expires === undefined ? {} : { expiresInSeconds: Number(expires) }),
  };
  const made = await world.callerFor(placeOf(values))({ method: 'POST', path: '/v1/uploads', body });
  if (values['json'] === true) {
    world.print(JSON.stringify(made, undefined, 2));
    return 0;
  }
  const { uploads, marker } = answer.parse(made);
  for (const { url } of uploads) world.print(url);
  if (marker !== undefined) world.print(marker.url);
  return 0;
};

function isWhole(text: string | undefined, least: number, most: number): boolean {
  return text !== undefined && /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most;
}

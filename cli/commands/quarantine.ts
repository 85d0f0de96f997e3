import { KNOWN_REASONS, quarantineAdvice } from '../../console/shared/quarantine-advice.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CommandSpec } from '../frame/command.ts';
import { limitRow } from '../frame/shared-rows.ts';
import { textTable } from '../output/text-table.ts';
import { refuseUnknown } from '../target/known-names.ts';
import { readPages } from '../target/read-pages.ts';
import { targetOf } from '../target/target.ts';

const object = z.looseObject({
  key: z.string(),
  reason: z.string(),
  detail: z.string(),
  source: z.optional(z.string()),
  at: z.string(),
});

const MOST = 10_000;

export const quarantine: CommandSpec = {
  name: 'quarantine',
  group: 'Repair',
  summary: 'Shows objects that could not be indexed, by reason, with what to do',
  about: 'Without --keys no object key is shown: keys may hold names.',
  options: [
    { name: 'keys', value: { kind: 'flag' }, help: 'also the key of each object, which may hold names' },
    {
      name: 'reason',
      placeholder: 'R',
      value: { kind: 'pattern', pattern: /^[a-z_]{1,64}$/, what: 'a reason such as not_dicom' },
      help: 'only of this reason',
    },
    limitRow(MOST, `read at most so many, the newest first (default: ${MOST})`),
  ],
  hasTarget: true,
  printsJson: true,
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const read = await readPages(
      call,
      { path: '/v1/quarantine', query: {} },
      object,
      given.number('limit') ?? MOST,
    );
    const wanted = given.text('reason');
    const items = read.items.filter(({ reason }) => wanted === undefined || reason === wanted);
    if (items.length === 0) refuseUnknown('reason', wanted, KNOWN_REASONS);
    const groups = [...new Set(items.map(({ reason }) => reason))]
      .map((reason) => ({ reason, objects: items.filter((one) => one.reason === reason) }))
      .map(({ reason, objects }) => ({ reason, count: objects.length, todo: adviceOf(reason), objects }))
      .sort((a, b) => b.count - a.count);
    if (given.has('json')) {
      const shown = given.has('keys') ? groups : groups.map(({ objects: _objects, ...group }) => group);
      world.print(JSON.stringify({ groups: shown, isComplete: read.isComplete }, undefined, 2));
      return 0;
    }
    if (groups.length === 0)
      world.print(`nothing is in quarantine${wanted === undefined ? '' : ' for this reason'}`);
    for (const { reason, count, todo, objects } of groups) {
      world.print(`${reason}: ${count} ${count === 1 ? 'object' : 'objects'}`);
      world.print(`  ${todo}`);
      if (!given.has('keys')) continue;
      const rows = objects.map(({ at, source = '', key, detail }) => [at, source, key, detail]);
      for (const line of textTable(['AT', 'SOURCE', 'KEY', 'DETAIL'], rows)) world.print(`  ${line}`);
    }
    if (!read.isComplete) world.note('There are more than were read: raise --limit.');
    return 0;
  },
};

function adviceOf(reason: string): string {
  const known = quarantineAdvice(reason);
  return known === undefined
    ? 'See docs/operations.md; this version of the command does not know the reason.'
    : `${known.means} ${known.todo}`;
}

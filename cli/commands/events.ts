import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIMULATOR_MODEL_VERSION } from '../../functions/series/simulated-result.ts';
import { triageOfResult } from '../../functions/series/triage.ts';
import { defined } from '../../functions/shared/defined.ts';
import { DETAIL_TYPES } from '../../functions/shared/detail-types.ts';
import * as z from '../../functions/shared/schema.ts';
import { UsageError } from '../../local/options/usage-error.ts';
import type { CommandSpec, World } from '../frame/command.ts';
import { SOURCE_ROW } from '../frame/shared-rows.ts';
import { triageText } from '../output/reason-text.ts';
import { textTable } from '../output/text-table.ts';
import { dataDirOf, isLocal } from '../target/target.ts';

const event = z.looseObject({
  time: z.string(),
  'detail-type': z.string(),
  detail: z.looseObject({
    source: z.optional(z.string()),
    seriesInstanceUid: z.optional(z.string()),
    state: z.optional(z.string()),
    reason: z.optional(z.string()),
    product: z.optional(z.string()),
    usecase: z.optional(z.string()),
    modelVersion: z.optional(z.string()),
    triageStatus: z.catch(z.optional(z.enum(['critical', 'routine'])), undefined),
    resultKeys: z.optional(z.array(z.string())),
  }),
});
type BusEvent = z.infer<typeof event>;

const LOOK_MS = 500;
const CHUNK_BYTES = 1024 * 1024;

export const events: CommandSpec = {
  name: 'events',
  group: 'Results',
  summary: 'Shows the events of the host on this machine as they happen',
  about: `They are those that EventBridge gets in the cloud (docs/automation.md). A deployed stack has no log of them: with
--stack the command prints how to see them there, and ends with 2. Ctrl-C ends it.`,
  options: [
    SOURCE_ROW,
    {
      name: 'type',
      placeholder: 'T',
      value: { kind: 'choice', choices: DETAIL_TYPES },
      help: 'only of this detail-type, for example "Series Done"',
    },
    { name: 'all', value: { kind: 'flag' }, help: 'begin with the events of before' },
    { name: 'no-follow', value: { kind: 'flag' }, help: 'end at the last event that is there; with --all' },
  ],
  hasTarget: true,
  printsJson: true,
  check: (given) => [
    ...(isLocal(given)
      ? []
      : [
          'events are shown of a host on this machine: for a deployment, add a rule with a CloudWatch log group as its target to the bus of the output EventBusName (docs/automation.md), then aws logs tail <log group> --follow',
        ]),
    ...(given.has('no-follow') && !given.has('all') ? ['--no-follow: expected it with --all'] : []),
  ],
  async run(given, world) {
    const path = join(dataDirOf(given), 'events.jsonl');
    if (!existsSync(path))
      throw new UsageError([
        `expected the events of a host in ${path}, found none: start it, or name its --data-dir`,
      ]);
    const source = given.text('source');
    const type = given.text('type');
    const print = (line: string) => {
      const read = event.safeParse(parseLine(line));
      if (!read.success) return;
      const { data } = read;
      if (source !== undefined && data.detail.source !== source) return;
      if (type !== undefined && data['detail-type'] !== type) return;
      world.print(given.has('json') ? JSON.stringify(data) : lineOf(data));
    };
    await follow(path, { isAll: given.has('all'), isEndless: !given.has('no-follow') }, print, world);
    return 0;
  },
};

/** Calls back for each whole line; a line that is being written is waited for. */
async function follow(
  path: string,
  { isAll, isEndless }: { isAll: boolean; isEndless: boolean },
  onLine: (line: string) => void,
  { signal }: Pick<World, 'signal'>,
): Promise<void> {
  const file = await open(path, 'r');
  try {
    let at = isAll ? 0 : (await file.stat()).size;
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at);
      at += bytesRead;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
        onLine(rest.subarray(0, end).toString('utf8'));
        rest = rest.subarray(end + 1);
      }
      if (bytesRead > 0) continue;
      if (!isEndless || signal.aborted) return;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

/** The longest of each column that comes often, so that lines are below one another from the first one on. */
const COLUMNS = ['', 'Model Version Changed', 'default', 'UNSUPPORTED', 'SIMULATED, critical'];

function lineOf({ time, 'detail-type': type, detail }: BusEvent): string {
  const hasResult = detail.state === 'DONE' || detail.triageStatus !== undefined;
  const isSimulated = hasResult && detail.modelVersion === SIMULATOR_MODEL_VERSION;
  const cells = [
    time,
    type,
    detail.source ?? '',
    detail.state ?? detail.reason ?? '',
    hasResult ? triageText({ triage: triageOf(detail), isSimulated }) : '',
    detail.seriesInstanceUid ?? '',
  ];
  return textTable(COLUMNS, [cells])[1] ?? '';
}

function triageOf({ resultKeys = [], product = '', triageStatus, usecase }: BusEvent['detail']) {
  const resultFiles = resultKeys.map((key) => key.split('/').slice(4).join('/'));
  return triageOfResult({ product, resultFiles, ...defined({ triageStatus, usecase }) });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

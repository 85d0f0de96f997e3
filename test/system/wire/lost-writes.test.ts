import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalTable, startLocalTable } from '../../support/local-table.ts';
import { ROW_TIME } from '../../support/series-rows.ts';
import { createWireProxy, type WireProxy } from '../../support/wire/wire-proxy.ts';
import type { WireFault } from '../../support/wire/wire-rule.ts';

let table: LocalTable;
let wire: WireProxy;
let stores: LocalTable['stores'];
beforeAll(async () => {
  wire = createWireProxy();
  table = await startLocalTable((url) => wire.before('dynamodb', url));
  stores = table.stores;
});
afterAll(async () => {
  await table?.stop();
  await wire?.close();
});

const arrival = (seriesInstanceUid: string) => ({
  source: 'sitea',
  seriesInstanceUid,
  studyInstanceUid: `${seriesInstanceUid}.0`,
  now: ROW_TIME,
  dueAt: ROW_TIME,
});

/** The write is done, and its caller learns it from a repetition at best. */
const LOST: [string, WireFault][] = [
  ['whose answer is lost', { kind: 'cut', when: 'after' }],
  ['whose answer breaks off', { kind: 'cut', when: 'answer' }],
  ['that reaches the table twice', { kind: 'duplicate' }],
];

describe.each(LOST)('a write %s', (name, fault) => {
  const rule = (operation: string) => [{ name, service: 'dynamodb' as const, operation, fault }];

  it('is recognized as its own creation when the SDK repeats it', async () => {
    const id = arrival(`1.2.86.${LOST.findIndex(([other]) => other === name)}1`);
    wire.setRules(rule('UpdateItem'));
    expect(await stores.series.touch(id)).toEqual({ kind: 'created', ticket: 1 });
    expect(wire.struck(name)).toBe(1);
    expect(await stores.series.touch(id)).toEqual({ kind: 'refreshed', ticket: 1 });
  });

  it('is recognized as saved when the SDK repeats it; another save of the same version is a conflict', async () => {
    const id = arrival(`1.2.86.${LOST.findIndex(([other]) => other === name)}2`);
    await stores.series.touch(id);
    const series = await stores.series.load(id);
    if (series === undefined) throw new Error('expected the series to be there');
    wire.setRules(rule('PutItem'));
    expect(await stores.series.save(series)).toEqual({
      kind: 'saved',
      series: { ...series, version: series.version + 1 },
    });
    expect(wire.struck(name)).toBe(1);
    // The very same content, by somebody else.
    expect(await stores.series.save(series)).toEqual({ kind: 'conflict' });
  });
});
